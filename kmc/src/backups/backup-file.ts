import * as z from 'zod'
import { CryptoError } from '@orlop/crypto/errors'
import { decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import { KmcError } from '../kmc-error.ts'
import { decodeRootRecord, encodeRootRecord, type RootRecord } from '../root/root-record.ts'
import { openRow, sealRow } from '../rows/row-cipher.ts'
import type { OpenRow } from '../rows/row-draft.ts'
import { BACKUP_NAME } from './backup-shelf.ts'

const MAX_BACKUP_BYTES = 256 * 1024 * 1024

const fileSchema = z.strictObject({
  format: z.literal(1),
  backupId: z.string().regex(BACKUP_NAME),
  generation: z.int().min(1),
  root: z.instanceof(Uint8Array),
  sealed: z.instanceof(Uint8Array),
})
const contentSchema = z.strictObject({
  createdAtMs: z.int(),
  rows: z.array(z.tuple([z.string(), z.instanceof(Uint8Array)])),
})

/** What a backup holds. */
export interface BackupContent {
  readonly createdAtMs: number
  readonly rows: readonly OpenRow[]
}

/** What stands on a backup. */
export interface BackupLabel {
  readonly backupId: string
  /** From 1; each time a destroyed key is taken out there is a next one, and those before are void. */
  readonly generation: number
  /** Of the centre that made it: what its custodians' shares are checked against. */
  readonly root: RootRecord
}

/** Seals a backup for its centre, its name and its generation. @param key - the root's backup key. */
export function encodeBackup(
  key: Uint8Array,
  label: BackupLabel,
  content: BackupContent,
): Uint8Array {
  const { backupId, generation, root } = label
  const { createdAtMs, rows } = content
  const plain = encodeCbor({ createdAtMs, rows: rows.map(({ place, value }) => [place, value]) })
  const sealed = sealRow(key, bindingOf(label), plain)
  plain.fill(0)
  return encodeCbor({ format: 1, backupId, generation, root: encodeRootRecord(root), sealed })
}

/** What stands on a backup; nothing of it is proven before it is opened. @throws KmcError `BACKUP_DAMAGED` */
export function readBackupLabel(bytes: Uint8Array): BackupLabel {
  const { backupId, generation, root } = decodeFile(bytes)
  return { backupId, generation, root: decodeRootRecord(root) }
}

/** Opens a backup. @throws KmcError `BACKUP_DAMAGED` when it was changed, relabelled, or is another centre's */
export function openBackup(key: Uint8Array, bytes: Uint8Array): BackupContent {
  const { sealed } = decodeFile(bytes)
  try {
    const plain = openRow(key, bindingOf(readBackupLabel(bytes)), sealed)
    const { createdAtMs, rows } = contentSchema.parse(
      decodeCbor(plain, { maxBytes: MAX_BACKUP_BYTES }),
    )
    plain.fill(0)
    return { createdAtMs, rows: rows.map(([place, value]) => ({ place, value })) }
  } catch (cause) {
    if (cause instanceof CryptoError || cause instanceof RangeError) throw damaged(cause)
    throw cause
  }
}

function decodeFile(bytes: Uint8Array): z.infer<typeof fileSchema> {
  try {
    return fileSchema.parse(decodeCbor(bytes, { maxBytes: MAX_BACKUP_BYTES }))
  } catch (cause) {
    throw damaged(cause)
  }
}

function bindingOf({ backupId, generation, root }: BackupLabel) {
  return { centreId: root.set.setId, place: `backup/${backupId}`, version: generation }
}

function damaged(cause: unknown): KmcError {
  return new KmcError(
    'BACKUP_DAMAGED',
    'The backup was changed, or is not of this centre. Use another one; nothing of it was taken.',
    { cause },
  )
}
