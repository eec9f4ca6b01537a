import { execFileSync } from 'node:child_process'

import { expect } from 'chai'

import { MalformedError } from '../../errors.ts'
import { expectError } from '../../testing/expect-error.ts'
import { formatSm2PublicKey, parseSm2PrivateKey, parseSm2PublicKey } from './pem.ts'
import { sm2PublicKey } from './public-key.ts'

function openssl(args: string, input = ''): string {
  return execFileSync('openssl', args.split(' '), { input, encoding: 'utf8' })
}

describe('SM2 keys in PEM', () => {
  it('are read as OpenSSL writes them, and written as it does', () => {
    const secret = openssl('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2')
    const pem = openssl('pkey -pubout', secret)
    const point = parseSm2PublicKey(pem)
    expect(sm2PublicKey(parseSm2PrivateKey(secret))).to.deep.equal(point)
    expect(formatSm2PublicKey(point)).to.equal(pem)
  })

  it('are no keys of other curves, no halves of each other, and no other text', () => {
    const p256 = openssl('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256')
    const sm2 = openssl('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2')
    for (const pem of [p256, openssl('pkey -pubout', p256), 'text', '']) {
      expectError(MalformedError, () => parseSm2PublicKey(pem))
      const error = expectError(MalformedError, () => parseSm2PrivateKey(pem))
      if (pem !== '') expect(error.message).to.not.contain(pem)
    }
    expectError(MalformedError, () => parseSm2PrivateKey(openssl('pkey -pubout', sm2)))
  })
})
