import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { CatalogueEntry, OrlopClient } from '@orlop/client-sdk/index'
import { DATA_CLASSES } from '@orlop/protocol/data-classes'
import { formatObjectId } from '@orlop/protocol/ids'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe } from '../define-command.ts'
import { intruderView } from '../intruder-view.ts'
import { withClient } from '../open-client.ts'
import { printResult } from '../output.ts'
import type { Commands } from '../commands.ts'

const SHOWN_BYTES = 4 * 1024 * 1024

export function addIntrude({ program, action }: Commands): void {
  describe(program.command('intrude <object>'), {
    summary: 'what somebody without your keys gets: noise as text, or as a picture',
    example: 'orlop intrude orlop:abc… --output /tmp/intruder',
  })
    .option('-o, --output <dir>', 'folder for the file', '.')
    .action(action(intrude))
}

async function intrude(
  context: CliContext,
  objectId: string,
  flags: CommonFlags & { output: string },
): Promise<void> {
  const file = await withClient(context, async (client) => {
    const entries = await client.list({}, { signal: context.signal })
    const entry = entries.find((one) => formatObjectId(one.objectId) === objectId)
    return await writeIntruderView(client, {
      objectId,
      entry: entry ?? null,
      folder: resolve(flags.output),
    })
  })
  printResult(
    context,
    { objectId, file },
    () => `${file}\n  the object’s sealed bytes as a node holds them, shown without a key`,
  )
}

/**
 * Fetches the sealed bytes of an object and writes them as an intruder could show them.
 *
 * @param subject - `entry` gives the file its name and says whether it is a picture; null for an object that cannot be opened here.
 * @returns the path of the file.
 */
export async function writeIntruderView(
  client: OrlopClient,
  subject: { objectId: string; entry: CatalogueEntry | null; folder: string },
): Promise<string> {
  const { objectId, entry, folder } = subject
  const owner = entry === null ? {} : { ownerId: entry.ownerId }
  const sealed = await client.retrieveSealed({ objectId, ...owner, maxBytes: SHOWN_BYTES })
  const isImage =
    entry?.mediaType.startsWith('image/') === true || entry?.classCode === DATA_CLASSES.image
  const view = intruderView(entry?.name ?? objectId.replace('orlop:', ''), sealed, isImage)
  await mkdir(folder, { recursive: true })
  const file = join(folder, view.fileName)
  await writeFile(file, view.bytes)
  return file
}
