import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { CatalogueEntry, RetrieveRequest } from '@orlop/client-sdk/index'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe } from '../define-command.ts'
import { describeEntry } from '../object-output.ts'
import { withClient } from '../open-client.ts'
import { type OpenFlags, openerOf } from '../opener.ts'
import { formatBytes, printResult } from '../output.ts'
import { parseRange, parseWhole } from '../parse-options.ts'
import { readPassphraseFile } from '../passphrase.ts'
import type { Commands } from '../commands.ts'
import { Progress } from '../progress.ts'

interface GetFlags extends CommonFlags, OpenFlags {
  output?: string
  range?: string
  owner?: string
  overwrite?: boolean
  objectPassphraseFile?: string
}

export function addGet({ program, action }: Commands): void {
  describe(program.command('get <object>'), {
    summary: 'fetch an object, verify it and open it',
    example:
      'orlop get orlop:abc… -o plan.txt\norlop get orlop:abc… --range 0-1023 -o - | hexdump -C',
  })
    .option('-o, --output <file>', 'where to (default: the object’s name, here); - for stdout')
    .option('--range <first-last>', 'only these bytes, counted from 0')
    .option('--owner <clientId>', 'whose object, where several have the same name')
    .option('--object-passphrase-file <file>', 'opens an object that was shared by passphrase')
    .option('--shares <file...>', 'shares that custodians gave you: orlop custody give')
    .option('--partials <file...>', 'parts that parties of a joint key gave you: custody partial')
    .option('--joint-key <file>', 'any party’s hold on the joint key, with --partials')
    .option('--sm2-key <file>', 'SM2 private key (PEM) of an object shared with it, or bound to it')
    .option('--card <address>', 'card with the SM2 key; see docs/cards.md')
    .option('--card-key <name>', 'which of the card’s keys, by its index; cards of GM/T 0018 only')
    .option('--overwrite', 'replace a file that is there')
    .action(action(get))
}

async function get(context: CliContext, objectId: string, flags: GetFlags): Promise<void> {
  const request = {
    objectId,
    ...(flags.range === undefined ? {} : { range: parseRange(flags.range) }),
    ...(flags.owner === undefined ? {} : { ownerId: parseWhole('--owner', flags.owner) }),
    ...(flags.objectPassphraseFile === undefined
      ? {}
      : { passphrase: await readPassphraseFile(flags.objectPassphraseFile) }),
  }
  const opener = await openerOf(context, flags)
  try {
    await fetch(context, { ...request, ...opener.request }, flags)
  } finally {
    await opener.close()
  }
}

async function fetch(
  context: CliContext,
  request: RetrieveRequest,
  flags: GetFlags,
): Promise<void> {
  const progress = new Progress(context)
  const options = { signal: context.signal, onProgress: progress.listener }
  await withClient(context, async (client) => {
    if (flags.output === '-') {
      const { stream } = await client.retrieve(request, options)
      await pipeline(stream, context.stdout, { end: false })
      return
    }
    const target = flags.output ?? ownName
    const entry = await client.retrieveToFile(
      { ...request, file: target, overwrite: flags.overwrite === true },
      options,
    )
    progress.end()
    const file = resolve(typeof target === 'string' ? target : target(entry))
    const { size: writtenBytes } = await stat(file)
    printResult(context, { file, writtenBytes, ...describeEntry(entry) }, () => {
      const whole = formatBytes(entry.plainBytes)
      const what = flags.range === undefined ? whole : `${formatBytes(writtenBytes)} of ${whole}`
      return `${file}\n  ${what}, ${entry.name}: every byte verified`
    })
  }).finally(() => {
    progress.end()
  })
}

/** The object's own name without its folders: a name from outside never chooses the folder. */
function ownName({ name }: CatalogueEntry): string {
  const last = basename(name.replaceAll('\\', '/'))
  return last === '' || last === '.' || last === '..' ? 'object' : last
}
