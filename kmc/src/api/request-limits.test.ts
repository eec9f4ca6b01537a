import { expect } from 'chai'
import { ServedCentre } from '../testkit/served-centre.ts'
import { codeOf } from '../testkit/test-centre.ts'
import { CENTRE_ROUTES } from './centre-routes.ts'

describe('requests in a minute', () => {
  it('are bounded by role and name: another certificate for the same gives nobody more', async () => {
    const served = await ServedCentre.start({ requestsPerMinute: 3 })
    const clientOf = async (name: string) => served.client(await served.identity('agent', name))
    const [first, renewed, other] = [
      await clientOf('cargo'),
      await clientOf('cargo'),
      await clientOf('ballast'),
    ]
    const ask = (client: typeof first) => codeOf(client.ask(CENTRE_ROUTES.status, {}))
    for (let at = 0; at < 3; at++) expect(await ask(first)).to.equal(null)
    expect(await ask(renewed)).to.equal('QUOTA_EXCEEDED')
    expect(await ask(other)).to.equal(null)
    await served.stop()
  })
})
