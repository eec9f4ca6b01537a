import {
  formatOpeningKey,
  OrlopError,
  type RewrapApplicationRequest,
  type RewrittenEnvelope,
} from '@orlop/client-sdk/index'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe } from '../define-command.ts'
import { EXIT_FAILED, ToldError } from '../failure.ts'
import { parseApplication, readSm2PublicKey } from '../keepers.ts'
import { withClient } from '../open-client.ts'
import { printResult } from '../output.ts'
import { parseRecipient, parseWhole } from '../parse-options.ts'
import { readPassphraseFile } from '../passphrase.ts'
import { Progress } from '../progress.ts'
import type { Commands } from '../commands.ts'

/** Help of the option that `put`, `share` and `rewrap` have. */
export const TRUST_NEW_KEYS =
  'share although the ledger shows another opening key than before: its owner must have said so'

interface ShareFlags extends CommonFlags {
  with?: string
  sm2?: string
  trustNewKeys?: boolean
  objectPassphraseFile?: string
}

interface RewrapFlags extends CommonFlags {
  application?: string
  shareWith?: string[]
  trustNewKeys?: boolean
  objectPassphraseFile?: string
}

/** `share`, `revoke`, `rewrap`. */
export function addSharing({ program, action, collect }: Commands): void {
  describe(program.command('share <object>'), {
    summary: 'let another client, or whoever knows a passphrase, open an object',
    example:
      'orlop share orlop:abc… --with 7\norlop share orlop:abc… --with 7=2f…c1\norlop share orlop:abc… --object-passphrase-file secret.txt',
  })
    .option(
      '--with <client>',
      'the client, by its number; or as NUMBER=KEY, pinned to what its orlop whoami shows',
    )
    .option('--sm2 <file>', 'the holder of an SM2 key, by its public key (PEM)')
    .option('--trust-new-keys', TRUST_NEW_KEYS)
    .option(
      '--object-passphrase-file <file>',
      'passphrase for this object, in the file’s first line',
    )
    .action(action(share))
  describe(program.command('revoke <object>'), {
    summary: 'stop future delivery of an object’s key; who had it may have kept it',
    example: 'orlop revoke orlop:abc… --from 7\norlop revoke orlop:abc… --from 7 --reseal',
  })
    .option('--from <clientId>', 'the client, by its number on the ledger')
    .option('--sm2 <file>', 'or the holder of an SM2 key, by its public key (PEM)')
    .option('--reseal', 'also make a new object under a new key')
    .action(action(revoke))
  describe(program.command('rewrap [object]'), {
    summary: 'wrap an object’s key anew, for you and exactly whom you name; after orlop rotate',
    example:
      'orlop rewrap orlop:abc…\norlop rewrap orlop:abc… --share-with 7 --share-with 9=2f…c1\norlop rewrap --application stowage/plans',
  })
    .option(
      '--share-with <client>',
      'client that may open it too, by its number or as NUMBER=KEY; may be repeated',
      collect,
    )
    .option('--trust-new-keys', TRUST_NEW_KEYS)
    .option('--object-passphrase-file <file>', 'passphrase that opens it too, in the first line')
    .option(
      '--application <app>',
      'without an object: all objects of APP or APP/KEY, to the newest version of its key',
    )
    .action(action(rewrap))
}

async function share(context: CliContext, objectId: string, flags: ShareFlags): Promise<void> {
  const request = {
    objectId,
    ...(flags.with === undefined ? {} : { recipient: parseRecipient('--with', flags.with) }),
    ...(flags.sm2 === undefined ? {} : { sm2Key: await readSm2PublicKey('--sm2', flags.sm2) }),
    trustNewKeys: flags.trustNewKeys === true,
    ...(flags.objectPassphraseFile === undefined
      ? {}
      : { passphrase: await readPassphraseFile(flags.objectPassphraseFile) }),
  }
  const { written, ownerId } = await withClient(context, async (client) => ({
    written: await client.share(request, { signal: context.signal }),
    ownerId: client.record?.clientId ?? 0,
  }))
  printResult(context, { ...written, ownerId }, () => {
    const { openingKey } = written
    const key =
      openingKey === null ? '' : `\nWrapped to opening key ${formatOpeningKey(openingKey)}`
    return `${describeWritten(written)} They fetch it with: orlop get ${written.objectId} --owner ${ownerId}${key}`
  })
}

async function rewrap(
  context: CliContext,
  objectId: string | undefined,
  flags: RewrapFlags,
): Promise<void> {
  const { application, shareWith, trustNewKeys, objectPassphraseFile } = flags
  const others = [shareWith, trustNewKeys, objectPassphraseFile].some((one) => one !== undefined)
  if ((objectId === undefined) === (application === undefined) || (application && others)) {
    throw new OrlopError(
      'USAGE',
      'Name either one object, with who may open it, or --application for all of its objects.',
    )
  }
  if (objectId !== undefined) return rewrapOne(context, objectId, flags)
  return rewrapAll(context, parseApplication('--application', application ?? ''))
}

async function rewrapAll(context: CliContext, application: RewrapApplicationRequest) {
  const progress = new Progress(context)
  const options = { signal: context.signal, onProgress: progress.listener }
  const done = await withClient(context, (client) =>
    client.rewrapApplication(application, options).finally(() => {
      progress.end()
    }),
  )
  const { version, rewrapped, upToDate, atOtherCentres, failed } = done
  printResult(context, done, () => {
    const lines = failed.map(({ objectId, reason }) => `\n  ${objectId}: ${reason}`).join('')
    const rest = failed.length === 0 ? '' : `\n${failed.length} could not be; run it again:${lines}`
    const elsewhere =
      atOtherCentres === 0
        ? ''
        : `\n${atOtherCentres} are under a key of that name at another centre, and stay so.`
    return `${rewrapped} objects moved to version ${version} of the key; ${upToDate} were there already.${elsewhere}${rest}`
  })
  if (failed.length > 0) throw new ToldError(EXIT_FAILED)
}

async function rewrapOne(context: CliContext, objectId: string, flags: RewrapFlags): Promise<void> {
  const request = {
    objectId,
    recipients: (flags.shareWith ?? []).map((text) => parseRecipient('--share-with', text)),
    trustNewKeys: flags.trustNewKeys === true,
    ...(flags.objectPassphraseFile === undefined
      ? {}
      : { passphrase: await readPassphraseFile(flags.objectPassphraseFile) }),
  }
  const written = await withClient(context, (client) =>
    client.rewrap(request, { signal: context.signal }),
  )
  printResult(context, written, () => {
    const others = request.recipients.length + (request.passphrase === undefined ? 0 : 1)
    const whom = others === 0 ? 'You alone open it' : `You and ${others} more open it`
    return `${describeWritten(written)} ${whom}; who had the key before may have kept it.`
  })
}

function describeWritten({
  objectId,
  version,
  nodeIds,
  waitingNodeIds,
}: RewrittenEnvelope): string {
  const waiting =
    waitingNodeIds.length === 0 ? '' : ` ${waitingNodeIds.length} more get it when they are back.`
  return `${objectId}: envelope version ${version} on ${nodeIds.length} nodes.${waiting}`
}

async function revoke(
  context: CliContext,
  objectId: string,
  flags: CommonFlags & { from?: string; sm2?: string; reseal?: boolean },
): Promise<void> {
  if ((flags.from === undefined) === (flags.sm2 === undefined)) {
    throw new OrlopError('USAGE', 'Say from whom: --from with a client, or --sm2 with a key.')
  }
  const request = {
    objectId,
    ...(flags.from === undefined ? {} : { recipientId: parseWhole('--from', flags.from) }),
    ...(flags.sm2 === undefined ? {} : { sm2Key: await readSm2PublicKey('--sm2', flags.sm2) }),
  }
  const options = { signal: context.signal }
  await withClient(context, async (client) => {
    const written = await client.revoke(request, options)
    const resealed = flags.reseal === true ? await client.reseal({ objectId }, options) : null
    printResult(context, { ...written, resealed }, () => {
      const next =
        resealed === null
          ? 'Whoever had the key may have kept it; --reseal makes a new object.'
          : `The same data under a new key: ${resealed.objectId}`
      return `${describeWritten(written)} ${next}`
    })
  })
}
