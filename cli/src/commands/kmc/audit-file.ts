import { readFile, writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { headJson } from '@orlop/kmc/api/centre-values'
import { MAX_ENTRY_BYTES } from '@orlop/kmc/audit/audit-entry'
import type { AuditHead } from '@orlop/kmc/audit/audit-entry'
import { decodeHex, encodeHex } from '@orlop/crypto/bytes'
import { hexBytes } from '@orlop/protocol/centre/hex-bytes'
import { OrlopError } from '@orlop/protocol/errors'

const labelSchema = z.strictObject({
  format: z.literal('orlop-kmc-audit-1'),
  centreId: hexBytes(16),
  signer: hexBytes(20),
  head: headJson.nullable(),
})

/** A centre's audit log as it is given to whoever is to check it. Nothing of it is proven before that. */
export interface AuditFile {
  /** 16 bytes. */
  readonly centreId: Uint8Array
  /** The address (20 bytes) that the centre says it signs and anchors as. */
  readonly signer: Uint8Array
  /** The log's end as the centre told it, before the entries were read; null while it was sealed. */
  readonly head: AuditHead | null
  /** Bytes of all entries from the first. */
  readonly entries: readonly Uint8Array[]
}

/** Writes a log as lines of text: whose it is in JSON, then each entry in hexadecimal. */
export async function writeAuditFile(path: string, log: AuditFile): Promise<void> {
  const { entries, ...label } = log
  const first = JSON.stringify(labelSchema.encode({ format: 'orlop-kmc-audit-1', ...label }))
  await writeFile(path, [first, ...entries.map(encodeHex), ''].join('\n'))
}

/** Reads what {@link writeAuditFile} wrote. An entry that was spoilt is left to who checks the log. @throws OrlopError `CONFIG_INVALID` */
export async function readAuditFile(path: string): Promise<AuditFile> {
  const [first = '', ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n')
  try {
    const { centreId, signer, head } = labelSchema.decode(
      JSON.parse(first) as z.input<typeof labelSchema>,
    )
    return { centreId, signer, head, entries: lines.map(entryOf) }
  } catch (cause) {
    throw new OrlopError(
      'CONFIG_INVALID',
      `${path} is no audit log of a centre. Give a file that 'orlop kmc audit export' wrote.`,
      { cause },
    )
  }
}

/** No bytes for a line that is none: the log is bad there. */
function entryOf(line: string): Uint8Array {
  const isHex = /^([0-9a-f]{2})+$/.test(line) && line.length <= 2 * MAX_ENTRY_BYTES
  return isHex ? decodeHex(line) : new Uint8Array()
}
