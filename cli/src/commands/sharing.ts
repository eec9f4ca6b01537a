import type { CliContext } from '../context.ts'
import { type CommonFlags, describe } from '../define-command.ts'
import { withClient } from '../open-client.ts'
import { printResult } from '../output.ts'
import { parseWhole } from '../parse-options.ts'
import { readPassphraseFile } from '../passphrase.ts'
import type { Commands } from '../commands.ts'

interface ShareFlags extends CommonFlags {
  with?: string
  objectPassphraseFile?: string
}

/** `share`, `revoke`. */
export function addSharing({ program, action }: Commands): void {
  describe(program.command('share <object>'), {
    summary: 'let another client, or whoever knows a passphrase, open an object',
    example:
      'orlop share orlop:abc… --with 7\norlop share orlop:abc… --object-passphrase-file secret.txt',
  })
    .option('--with <clientId>', 'the client, by its number on the ledger')
    .option(
      '--object-passphrase-file <file>',
      'passphrase for this object, in the file’s first line',
    )
    .action(action(share))
  describe(program.command('revoke <object>'), {
    summary: 'stop future delivery of an object’s key; who had it may have kept it',
    example: 'orlop revoke orlop:abc… --from 7\norlop revoke orlop:abc… --from 7 --reseal',
  })
    .requiredOption('--from <clientId>', 'the client, by its number on the ledger')
    .option('--reseal', 'also make a new object under a new key')
    .action(action(revoke))
}

async function share(context: CliContext, objectId: string, flags: ShareFlags): Promise<void> {
  const request = {
    objectId,
    ...(flags.with === undefined ? {} : { recipientId: parseWhole('--with', flags.with) }),
    ...(flags.objectPassphraseFile === undefined
      ? {}
      : { passphrase: await readPassphraseFile(flags.objectPassphraseFile) }),
  }
  const { written, ownerId } = await withClient(context, async (client) => ({
    written: await client.share(request, { signal: context.signal }),
    ownerId: client.record?.clientId ?? 0,
  }))
  printResult(
    context,
    { ...written, ownerId },
    () =>
      `${written.objectId}: envelope version ${written.version} on ${written.nodeIds.length} nodes. They fetch it with: orlop get ${written.objectId} --owner ${ownerId}`,
  )
}

async function revoke(
  context: CliContext,
  objectId: string,
  flags: CommonFlags & { from: string; reseal?: boolean },
): Promise<void> {
  const recipientId = parseWhole('--from', flags.from)
  const options = { signal: context.signal }
  await withClient(context, async (client) => {
    const written = await client.revoke({ objectId, recipientId }, options)
    const resealed = flags.reseal === true ? await client.reseal({ objectId }, options) : null
    printResult(context, { ...written, resealed }, () => {
      const next =
        resealed === null
          ? 'Whoever had the key may have kept it; --reseal makes a new object.'
          : `The same data under a new key: ${resealed.objectId}`
      return `${written.objectId}: envelope version ${written.version} on ${written.nodeIds.length} nodes. ${next}`
    })
  })
}
