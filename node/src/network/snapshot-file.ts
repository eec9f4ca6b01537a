import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeCbor, encodeCbor, type CborValue } from '@orlop/crypto/format/cbor'
import { clientRecord, nodeRecord } from '@orlop/protocol/ledger-records'
import { z } from 'zod'
import type { LedgerSnapshot } from './ledger-view.ts'

const MAX_SNAPSHOT_BYTES = 64 * 1024 * 1024
const schema = z.strictObject({ nodes: z.array(nodeRecord), clients: z.array(clientRecord) })

/** The last known registry on disk, so that a node can start and serve while the ledger is away. A cache: losing it costs nothing. */
export class SnapshotFile {
  readonly #path: string

  constructor(home: string) {
    this.#path = join(home, 'registry-cache.cbor')
  }

  /** null when there is none, or none that this version reads. */
  async read(): Promise<LedgerSnapshot | null> {
    try {
      const bytes = await readFile(this.#path)
      const value = decodeCbor(bytes, { maxBytes: MAX_SNAPSHOT_BYTES, maxDepth: 6 })
      return schema.parse(value)
    } catch {
      return null
    }
  }

  async write(snapshot: LedgerSnapshot): Promise<void> {
    const plain = snapshot as unknown as CborValue
    const temporary = `${this.#path}.new`
    await writeFile(temporary, encodeCbor(plain))
    await rename(temporary, this.#path)
  }
}
