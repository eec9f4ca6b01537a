import { inspect } from 'node:util'
import { expect } from 'chai'
import { randomBytes } from '@orlop/crypto/bytes'
import { findSecrets } from './find-secrets.ts'

describe('the search for secrets in what tests have caught', () => {
  const secret = randomBytes(32)
  const hidden = (name: string, value: unknown): Error =>
    Object.defineProperty(new Error('x'), name, { value, enumerable: false })

  it('finds them in whatever form and place they are', () => {
    const hex = Buffer.from(secret).toString('hex')
    const places: Readonly<Record<string, unknown>> = {
      bytes: secret,
      buffer: Buffer.concat([Buffer.from('head'), secret]),
      memory: secret.buffer,
      numbers: [...secret],
      detail: Object.assign(new Error('x'), { details: { key: secret } }),
      hidden: hidden('key', secret),
      cause: new Error('x', { cause: new Error('y', { cause: { key: secret } }) }),
      message: new Error(`the key ${hex} was refused`),
      capitals: hex.toUpperCase(),
      base64: Buffer.from(secret).toString('base64'),
      base64url: Buffer.from(secret).toString('base64url'),
      printed: inspect(secret),
      printedBuffer: inspect(Buffer.from(secret)),
      json: JSON.stringify(Buffer.from(secret)),
      map: new Map([['key', secret]]),
      set: new Set([secret]),
    }
    for (const [name, place] of Object.entries(places)) {
      expect(findSecrets({ place }, [secret]), name).to.not.deep.equal([])
    }
  })

  it('finds none where there is none, also in what leads back to itself', () => {
    const loop: Record<string, unknown> = { other: randomBytes(32) }
    loop['self'] = loop
    expect(findSecrets([loop, new Error('x', { cause: loop })], [secret])).to.deep.equal([])
  })
})
