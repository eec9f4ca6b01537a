import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import {
  cardSm2Key,
  formatOpeningKey,
  type GivenShareText,
  OrlopError,
} from '@orlop/client-sdk/index'
import { decodeHex, encodeHex, randomBytes } from '@orlop/crypto/bytes'
import { formatSm2PublicKey } from '@orlop/crypto/cards/sm2/pem'
import { CEREMONY_BYTES } from '@orlop/crypto/thresholds/joint-key'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe } from '../define-command.ts'
import { exampleText } from '../help.ts'
import { withClient } from '../open-client.ts'
import { type CardFlags, openCard } from '../open-card.ts'
import { formatTime, printResult } from '../output.ts'
import { parseRecipient, parseWhole } from '../parse-options.ts'
import { readText } from '../read-text.ts'
import { TRUST_NEW_KEYS } from './sharing.ts'
import type { Commands } from '../commands.ts'

interface ToFlags extends CommonFlags {
  to: string
  owner?: string
  validMinutes?: string
  output?: string
  trustNewKeys?: boolean
}

interface ContributeFlags extends CommonFlags {
  ceremony?: string
  member: string[]
  threshold: string
  output: string
  trustNewKeys?: boolean
}

interface AssembleFlags extends CommonFlags {
  output: string
  publicKey?: string
}

/** `custody give`, `custody card-key`, and what joint keys take. */
export function addCustody(commands: Commands): void {
  const custody = commands.program
    .command('custody')
    .summary('open together what nobody may open alone')
    .description('Level 3: objects whose key is split, bound to a card, or held jointly.')
    .addHelpText('after', exampleText('orlop custody give orlop:abc… --owner 3 --to 7'))
  addShares(custody, commands)
  addJointKeys(custody, commands)
}

function addShares(custody: Command, { action }: Commands): void {
  giveOptions(
    describe(custody.command('give <object>'), {
      summary: 'as a custodian, give your share of an object’s key to one requester',
      example:
        'orlop custody give orlop:abc… --owner 3 --to 7=2f…c1 -o share-of-4.txt\norlop get orlop:abc… --owner 3 --shares share-of-4.txt share-of-9.txt',
    }),
  ).action(action(give))
  describe(custody.command('card-key'), {
    summary: 'show a card’s SM2 public key: for put --custody-key and share --sm2',
    example:
      'orlop custody card-key --card sdf:/usr/lib/libsdf.so --card-key 1 > card.pem\norlop put will.pdf --custody-key card.pem',
  })
    .requiredOption('--card <address>', 'card with the key; see docs/cards.md')
    .requiredOption('--card-key <name>', 'the key’s index; cards of GM/T 0018 only')
    .action(action(cardKey))
}

function addJointKeys(custody: Command, { action, collect }: Commands): void {
  describe(custody.command('joint-contribute'), {
    summary: 'begin or take part in making a joint SM2 key, which nobody ever has whole',
    example:
      'orlop custody joint-contribute --member 4 --member 7 --member 9 --threshold 2 -o of-4.txt\norlop custody joint-contribute --ceremony 5f…0a --member 4 --member 7 --member 9 --threshold 2 -o of-7.txt',
  })
    .requiredOption(
      '--member <client>',
      'who holds the key, by its number or as NUMBER=KEY; all in the same order; repeat for each',
      collect,
    )
    .requiredOption('--threshold <count>', 'how many of them open together')
    .requiredOption('-o, --output <file>', 'your contribution: send it to all members')
    .option('--ceremony <hex>', 'what the member who began was told; left out by who begins')
    .option('--trust-new-keys', TRUST_NEW_KEYS)
    .action(action(contribute))
  describe(custody.command('joint-assemble <contribution...>'), {
    summary: 'put your hold on a joint key together, from all members’ contributions',
    example:
      'orlop custody joint-assemble of-4.txt of-7.txt of-9.txt -o joint.key --public-key joint.pem',
  })
    .requiredOption('-o, --output <file>', 'your hold on the key')
    .option('--public-key <file>', 'its public key (PEM): for put --custody-key and share --sm2')
    .action(action(assemble))
  giveOptions(
    describe(custody.command('partial <object>'), {
      summary: 'as a party of a joint key, give your part in opening an object to one requester',
      example:
        'orlop custody partial orlop:abc… --owner 3 --to 7 --joint-key joint.key -o part-of-4.txt\norlop get orlop:abc… --owner 3 --partials part-of-4.txt part-of-9.txt --joint-key joint.key',
    }).requiredOption('--joint-key <file>', 'your hold on the key'),
  ).action(action(partial))
}

/** Options of whatever is given to a requester. */
function giveOptions(command: Command): Command {
  return command
    .requiredOption('--to <client>', 'who is to open it, by its number or as NUMBER=KEY')
    .option('--owner <clientId>', 'whose object, where several have the same name')
    .option('--valid-minutes <minutes>', 'how long it is good', '1440')
    .option('-o, --output <file>', 'where to; stdout when left out')
    .option('--trust-new-keys', TRUST_NEW_KEYS)
}

function requestOf(objectId: string, flags: ToFlags) {
  const { to, owner, trustNewKeys, validMinutes = '1440' } = flags
  return {
    objectId,
    recipient: parseRecipient('--to', to),
    ...(owner === undefined ? {} : { ownerId: parseWhole('--owner', owner) }),
    validSeconds: 60 * parseWhole('--valid-minutes', validMinutes),
    trustNewKeys: trustNewKeys === true,
  }
}

async function give(context: CliContext, objectId: string, flags: ToFlags): Promise<void> {
  const request = requestOf(objectId, flags)
  const given = await withClient(context, (client) =>
    client.giveShare(request, { signal: context.signal }),
  )
  await printGiven(context, flags, { ...given, what: `share of custodian ${given.custodian}` })
}

async function partial(
  context: CliContext,
  objectId: string,
  flags: ToFlags & { jointKey: string },
): Promise<void> {
  const jointKey = await readText('--joint-key', flags.jointKey)
  const request = { ...requestOf(objectId, flags), jointKey }
  const given = await withClient(context, (client) =>
    client.givePart(request, { signal: context.signal }),
  )
  await printGiven(context, flags, { ...given, what: `part of party ${given.party}` })
}

type Given = Pick<GivenShareText, 'text' | 'threshold' | 'expiry' | 'openingKey'>

async function printGiven(
  context: CliContext,
  { output }: ToFlags,
  { what, ...given }: Given & { readonly what: string },
): Promise<void> {
  const { text, threshold, expiry, openingKey } = given
  if (output === undefined) {
    printResult(context, given, () => text)
    return
  }
  await writePrivately(output, text)
  printResult(context, { ...given, file: output }, () => {
    const whom = `Only the owner of opening key ${formatOpeningKey(openingKey)} can use it: send it by any way.`
    return `${output}: ${what}, good until ${formatTime(1000 * expiry)}; ${threshold} open the object.\n${whom}`
  })
}

async function contribute(context: CliContext, flags: ContributeFlags): Promise<void> {
  const { ceremony, member, threshold, output, trustNewKeys } = flags
  const ceremonyId = ceremony === undefined ? randomBytes(CEREMONY_BYTES) : parseCeremony(ceremony)
  const request = {
    ceremonyId,
    threshold: parseWhole('--threshold', threshold),
    members: member.map((text) => parseRecipient('--member', text)),
    trustNewKeys: trustNewKeys === true,
  }
  const text = await withClient(context, (client) =>
    client.contributeToJointKey(request, { signal: context.signal }),
  )
  await writePrivately(output, text)
  const told = encodeHex(ceremonyId)
  printResult(context, { file: output, ceremony: told }, () => {
    return `${output}: send it to all members. They take part with: --ceremony ${told}`
  })
}

async function assemble(
  context: CliContext,
  files: string[],
  { output, publicKey: publicKeyFile }: AssembleFlags,
): Promise<void> {
  const contributions = await Promise.all(files.map((file) => readText('contribution', file)))
  const { text, ...key } = await withClient(context, (client) =>
    client.assembleJointKey({ contributions }, { signal: context.signal }),
  )
  await writePrivately(output, text)
  const pem = formatSm2PublicKey(key.publicKey)
  if (publicKeyFile !== undefined) await writeFile(publicKeyFile, pem)
  printResult(context, { file: output, pem, ...key }, () => {
    const whose = `party ${key.party} of ${key.members.length}, ${key.threshold} open together`
    return `${output}: ${whose}.\nCompare the public key with the other members before anything is sealed to it:\n${pem.trimEnd()}`
  })
}

function parseCeremony(text: string): Uint8Array {
  if (/^[0-9a-f]{32}$/.test(text)) return decodeHex(text)
  throw new OrlopError('USAGE', '--ceremony takes 32 hexadecimal digits, as who began was told.')
}

async function writePrivately(file: string, text: string): Promise<void> {
  await writeFile(file, `${text}\n`, { mode: 0o600 })
}

async function cardKey(
  context: CliContext,
  flags: CommonFlags & CardFlags & { cardKey: string },
): Promise<void> {
  const card = await openCard(context, flags)
  try {
    const { point } = await cardSm2Key(card, flags.cardKey)
    const pem = formatSm2PublicKey(point)
    printResult(context, { card: card.info().name, publicKey: point, pem }, () => pem.trimEnd())
  } finally {
    await card.close()
  }
}
