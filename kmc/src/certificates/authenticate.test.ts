import { expect } from 'chai'
import { newCertificateRequest } from '../client/certificate-request.ts'
import { openTestCentre } from '../testkit/test-centre.ts'
import { Certificates } from './certificates.ts'

describe('judging a certificate', () => {
  it('reads no key of the authority: a stranger’s request must not bring it into memory', async () => {
    const centre = await openTestCentre()
    const certificates = new Certificates(centre)
    await certificates.create('anna')
    const { request } = await newCertificateRequest()
    const asked = { request, role: 'node', name: 'one', hosts: ['localhost'] } as const
    const { certificate } = await certificates.issue('anna', asked)
    const read: string[] = []
    const getMany = centre.store.getMany.bind(centre.store)
    centre.store.getMany = (keys) => {
      read.push(...keys)
      return getMany(keys)
    }
    expect((await certificates.authenticate(certificate)).name).to.equal('one')
    await certificates.published()
    expect(read.filter((key) => key.startsWith('row/certificate/authority'))).to.deep.equal([
      'row/certificate/authority-certificate',
      'row/certificate/authority-certificate',
    ])
  })
})
