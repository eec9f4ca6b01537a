import { expect } from 'chai'
import fc from 'fast-check'
import { encodeHex, randomBytes } from '@orlop/crypto/bytes'
import { formatShare, parseShare } from '@orlop/crypto/thresholds/share-text'
import type { SecretShare } from '@orlop/crypto/thresholds/secret-shares'
import { MemoryKeyStore } from '../store/memory-key-store.ts'
import { createRoot } from './create-root.ts'
import {
  decodeRootRecord,
  encodeRootRecord,
  loadRootRecord,
  storeRootRecord,
} from './root-record.ts'
import { Seal } from './seal.ts'

const generate = (lengthBytes: number) => Promise.resolve(randomBytes(lengthBytes))
const newRoot = () => createRoot({ threshold: 3, shares: 5, generate })

async function refusal(work: Promise<unknown>): Promise<unknown> {
  return work.then(() => expect.fail('it was not refused')).catch((error: unknown) => error)
}

describe('the root key and its custodians', () => {
  it('unseals with any three of five shares, in any order, from paper, and with no fewer', async () => {
    const { record, shares } = await newRoot()
    const first = new Seal(record)
    for (const share of shares.slice(0, 3)) await first.submit(share)
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(shares, { minLength: 3 }), async (chosen) => {
        const seal = new Seal(record)
        for (const [at, share] of chosen.entries()) {
          expect(seal.status.state).to.equal(
            ['sealed', 'collecting', 'collecting'][at] ?? 'unsealed',
          )
          if (at < 3) expect(() => seal.keys).to.throw(`${at} of 3 shares`)
          await seal.submit(parseShare(formatShare(share)))
        }
        expect(seal.keys).to.deep.equal(first.keys)
      }),
      { numRuns: 20, seed: 1 },
    )
  })

  it('forgets the root key when it has made it, and never stores it', async () => {
    const made: Uint8Array[] = []
    const store = new MemoryKeyStore()
    let root = ''
    const { record } = await createRoot({
      threshold: 2,
      shares: 3,
      generate: async (lengthBytes) => {
        const bytes = await generate(lengthBytes)
        root = encodeHex(bytes)
        made.push(bytes)
        return bytes
      },
    })
    await storeRootRecord(store, record)
    expect(made).to.deep.equal([new Uint8Array(32)])
    const rows = await store.list({ prefix: '', limit: 10 })
    expect(rows.map(({ key }) => key)).to.deep.equal(['root'])
    expect(encodeHex(rows[0]!.value)).to.not.contain(root)
  })

  it('names a damaged share and one of another set at once, and goes on with the others', async () => {
    const { record, shares } = await newRoot()
    const other = await newRoot()
    const seal = new Seal(record)
    await seal.submit(shares[0]!)
    const bytes = shares[1]!.bytes.map((byte, at) => (at === 4 ? byte ^ 1 : byte))
    expect(await refusal(seal.submit({ ...shares[1]!, bytes }))).to.deep.include({
      code: 'SHARE_REFUSED',
      details: { index: 2, reason: 'damaged' },
    })
    expect(await refusal(seal.submit(other.shares[2]!))).to.deep.include({
      code: 'SHARE_REFUSED',
      details: { index: 3, reason: 'other-set' },
    })
    expect(seal.status).to.deep.equal({ state: 'collecting', given: [1], threshold: 3 })
    await seal.submit(shares[1]!)
    await seal.submit(shares[1]!)
    expect(seal.status.given).to.deep.equal([1, 2])
    expect((await seal.submit(shares[4]!)).state).to.equal('unsealed')
  })

  it('counts shares right that come at the same moment', async () => {
    const { record, shares } = await newRoot()
    const seal = new Seal(record)
    await Promise.all(shares.map((share) => seal.submit(share)))
    expect(seal.status.state).to.equal('unsealed')
  })

  it('stays sealed when it is sealed while the last share is joined', async () => {
    const { record, shares } = await newRoot()
    const seal = new Seal(record)
    await seal.submit(shares[0]!)
    await seal.submit(shares[1]!)
    const last = seal.submit(shares[2]!)
    // The shares are being joined when nobody waits for the lock any more.
    await Promise.resolve()
    seal.seal()
    expect((await last).state).to.equal('sealed')
  })

  it('refuses a record that names another key, and forgets the shares', async () => {
    const { record, shares } = await newRoot()
    for (const changed of [
      { ...record, verifier: randomBytes(32) },
      { ...record, signer: randomBytes(20) },
    ]) {
      const seal = new Seal(changed)
      await seal.submit(shares[0]!)
      await seal.submit(shares[1]!)
      expect(await refusal(seal.submit(shares[2]!))).to.include({ code: 'ROOT_MISMATCH' })
      expect(seal.status).to.deep.include({ state: 'sealed', given: [] })
    }
  })

  it('wipes keys and collected shares when it is sealed, and leaves the custodian’s copy alone', async () => {
    const { record, shares } = await newRoot()
    const before = shares.map(({ bytes }) => bytes.slice())
    const seal = new Seal(record)
    for (const share of shares.slice(0, 3)) await seal.submit(share)
    const keys = seal.keys
    seal.seal()
    expect(Object.values(keys)).to.deep.equal([1, 2, 3].map(() => new Uint8Array(32)))
    expect(() => seal.keys)
      .to.throw()
      .with.property('code', 'CENTRE_SEALED')
    await seal.submit(shares[0]!)
    seal.seal()
    expect(seal.status).to.deep.equal({ state: 'sealed', given: [], threshold: 3 })
    expect(shares.map(({ bytes }) => bytes)).to.deep.equal(before)
  })

  it('keeps one record in a store for good, and notices a damaged one', async () => {
    const store = new MemoryKeyStore()
    expect(await loadRootRecord(store)).to.equal(null)
    const { record } = await newRoot()
    await storeRootRecord(store, record)
    expect(await loadRootRecord(store)).to.deep.equal(record)
    const second = await newRoot()
    expect(await refusal(storeRootRecord(store, second.record))).to.include({ code: 'ROOT_EXISTS' })
    const damaged = encodeRootRecord(record).subarray(1)
    expect(() => decodeRootRecord(damaged))
      .to.throw()
      .with.property('code', 'STORE_FAILED')
  })

  it('says nothing of a share in what it throws', async () => {
    const { record } = await newRoot()
    const other = await newRoot()
    const share: SecretShare = other.shares[0]!
    const error = (await refusal(new Seal(record).submit(share))) as Error
    const said = JSON.stringify([error, error.message, String(error.cause), error.stack])
    expect(said).to.not.contain(encodeHex(share.bytes).slice(0, 16))
    expect(said).to.not.contain(share.bytes.slice(0, 8).join(','))
  })
})
