import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import { OpenCalls } from './open-calls.ts'

use(chaiAsPromised)

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('stopped')))
  })
}

describe('open calls', () => {
  it('end when the client is closed, and closing waits for them', async () => {
    const calls = new OpenCalls()
    const running = calls.run(({ signal }) => untilAborted(signal))
    const outcome = expect(running).to.be.rejectedWith('stopped')
    await calls.end()
    await outcome
    await expect(calls.run(() => Promise.resolve(1))).to.be.rejected.and.eventually.include({
      code: 'ABORTED',
    })
  })

  it('still end by their own signal', async () => {
    const calls = new OpenCalls()
    const own = new AbortController()
    const running = calls.run(({ signal }) => untilAborted(signal), { signal: own.signal })
    own.abort()
    await expect(running).to.be.rejectedWith('stopped')
    expect(await calls.run(() => Promise.resolve(1))).to.equal(1)
  })
})
