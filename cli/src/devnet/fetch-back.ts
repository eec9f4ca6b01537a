import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { OrlopClient, Verification } from '@orlop/client-sdk/index'
import type { SpoolItem } from '@orlop/agent/spool/spool'
import { DATA_CLASSES, IMPORTANCES, nameOfCode } from '@orlop/protocol/data-classes'
import { encodeHex } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'
import { writeIntruderView } from '../commands/intrude.ts'

/** One object of the voyage as the last line of `--once` says it. */
export interface VoyageObject {
  objectId: string
  name: string
  class: string
  importance: string
  level: number
  suite: string
  plainBytes: number
  sealedBytes: number
  wireBytes: { sentBytes: number; receivedBytes: number }
  ingress: string
  strips: { index: number; node: string; root: string; txHash: string | null; verified: boolean }[]
  verified: boolean
  intruder: string
}

export interface FetchBackFolders {
  retrieved: string
  intruder: string
}

/**
 * Fetches one stored file back with the shore client's own key, compares it with the original, checks every copy against the ledger,
 * and writes what an intruder would see.
 *
 * @throws OrlopError `OBJECT_DAMAGED` when what comes back is not what was stored, and as the SDK's verbs.
 */
export async function fetchBack(
  shore: OrlopClient,
  item: SpoolItem,
  subject: { ownerId: number; folders: FetchBackFolders },
): Promise<VoyageObject> {
  const { stored } = item
  if (stored === null) throw new RangeError('item: expected a stored one')
  const { ownerId, folders } = subject
  const request = { objectId: stored.objectId, ownerId }
  await mkdir(folders.retrieved, { recursive: true })
  const file = join(folders.retrieved, basename(item.path))
  const entry = await shore.retrieveToFile({ ...request, file, overwrite: true })
  const [original, copy] = await Promise.all([sha256Of(item.path), sha256Of(file)])
  if (original !== copy) {
    throw new OrlopError(
      'OBJECT_DAMAGED',
      `${file} is not what was stored as ${stored.objectId}. Report this: it must not happen.`,
    )
  }
  const verification = await shore.verify(request)
  const intruder = await writeIntruderView(shore, {
    objectId: stored.objectId,
    entry,
    folder: folders.intruder,
  })
  return {
    objectId: stored.objectId,
    name: entry.name,
    class: nameOfCode(DATA_CLASSES, entry.classCode),
    importance: nameOfCode(IMPORTANCES, entry.importance),
    level: entry.level,
    suite: entry.suite,
    plainBytes: entry.plainBytes,
    sealedBytes: stored.sealedBytes,
    wireBytes: stored.wireBytes,
    ingress: stored.ingress.name,
    strips: stripsOf(verification, entry.strips),
    verified: verification.isSound && verification.isOpened,
    intruder: basename(intruder),
  }
}

function stripsOf(
  { strips }: Verification,
  known: readonly { index: number; root: Uint8Array }[],
): VoyageObject['strips'] {
  const inOrder = strips.toSorted((left, right) => left.index - right.index)
  return inOrder.map(({ index, nodeName, txHash, result }) => {
    const root = known.find((strip) => strip.index === index)?.root
    return {
      index,
      node: nodeName,
      root: root === undefined ? '' : encodeHex(root),
      txHash,
      verified: result === 'sound',
    }
  })
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
