import { expect } from 'chai'
import * as z from 'zod'
import { encodeUtf8, randomBytes } from '@orlop/crypto/bytes'
import { encodeCbor } from '@orlop/crypto/format/cbor'
import { decodeSecretRecord } from '../keys/records.ts'
import { MemoryKeyStore } from '../store/memory-key-store.ts'
import { SealedRows } from './sealed-rows.ts'

describe('what goes through sealed rows', () => {
  const key = randomBytes(32)
  const isWiped = (bytes: Uint8Array) => bytes.every((byte) => byte === 0)

  it('is wiped from drafts once it is stored, and when it is not', async () => {
    const store = new MemoryKeyStore()
    const rows = new SealedRows({ store, centreId: randomBytes(16), rowKey: () => key })
    const held: Uint8Array[] = []
    const write = () =>
      rows.update(async (draft) => {
        for (const text of ['a key', 'the key after it']) {
          draft.put('material/a', encodeUtf8(text))
          held.push(draft.changes.get('material/a')!)
        }
        expect(await draft.get('material/a')).to.deep.equal(encodeUtf8('the key after it'))
      })
    await write()
    expect(await rows.get('material/a')).to.deep.equal(encodeUtf8('the key after it'))
    store.transact = () => Promise.reject(new Error('the disk is gone'))
    await write().catch(() => undefined)
    expect(held).to.have.length(4)
    expect(held.map(isWiped)).to.deep.equal([true, true, true, true])
  })

  it('is wiped from the row when a record with a secret is read', () => {
    const privateKey = randomBytes(32)
    const row = encodeCbor({ privateKey })
    const schema = z.strictObject({ privateKey: z.instanceof(Uint8Array) })
    expect(decodeSecretRecord(schema, row).privateKey).to.deep.equal(privateKey)
    expect(isWiped(row)).to.equal(true)
  })
})
