import { chmod, writeFile } from 'node:fs/promises'
import {
  cardSm2Key,
  formatOpeningKey,
  type GivenShareText,
  OrlopError,
} from '@orlop/client-sdk/index'
import { formatSm2PublicKey } from '@orlop/crypto/cards/sm2/pem'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe } from '../define-command.ts'
import { exampleText } from '../help.ts'
import { withClient } from '../open-client.ts'
import { type CardFlags, openCard } from '../open-card.ts'
import { formatTime, printResult } from '../output.ts'
import { parseRecipient, parseWhole } from '../parse-options.ts'
import { TRUST_NEW_KEYS } from './sharing.ts'
import type { Commands } from '../commands.ts'

interface GiveFlags extends CommonFlags {
  to: string
  owner?: string
  validMinutes?: string
  output?: string
  trustNewKeys?: boolean
}

/** `custody give`, `custody card-key`. */
export function addCustody({ program, action }: Commands): void {
  const custody = program
    .command('custody')
    .summary('open together what nobody may open alone')
    .description('Level 3: objects whose key is split among custodians, or bound to a card.')
    .addHelpText('after', exampleText('orlop custody give orlop:abc… --owner 3 --to 7'))
  describe(custody.command('give <object>'), {
    summary: 'as a custodian, give your share of an object’s key to one requester',
    example:
      'orlop custody give orlop:abc… --owner 3 --to 7=2f…c1 -o share-of-4.txt\norlop get orlop:abc… --owner 3 --shares share-of-4.txt share-of-9.txt',
  })
    .requiredOption('--to <client>', 'who is to open it, by its number or as NUMBER=KEY')
    .option('--owner <clientId>', 'whose object, where several have the same name')
    .option('--valid-minutes <minutes>', 'how long the share is good', '1440')
    .option('-o, --output <file>', 'where to; stdout when left out')
    .option('--trust-new-keys', TRUST_NEW_KEYS)
    .action(action(give))
  describe(custody.command('card-key'), {
    summary: 'show a card’s SM2 public key: for put --custody-key and share --sm2',
    example:
      'orlop custody card-key --card sdf:/usr/lib/libsdf.so --card-key 1 > card.pem\norlop put will.pdf --custody-key card.pem',
  })
    .requiredOption('--card <address>', 'card with the key; see docs/cards.md')
    .requiredOption('--card-key <name>', 'an index for SDF, a label for PKCS #11')
    .action(action(cardKey))
}

async function give(context: CliContext, objectId: string, flags: GiveFlags): Promise<void> {
  const { to, owner, trustNewKeys, output, validMinutes = '1440' } = flags
  const request = {
    objectId,
    recipient: parseRecipient('--to', to),
    ...(owner === undefined ? {} : { ownerId: parseWhole('--owner', owner) }),
    validSeconds: 60 * parseWhole('--valid-minutes', validMinutes),
    trustNewKeys: trustNewKeys === true,
  }
  const given = await withClient(context, (client) =>
    client.giveShare(request, { signal: context.signal }),
  )
  if (output !== undefined) {
    await writeFile(output, `${given.text}\n`, { mode: 0o600 })
    await chmod(output, 0o600)
  }
  printResult(context, output === undefined ? given : { ...given, file: output }, () =>
    describeGiven(given, output ?? null),
  )
}

function describeGiven(given: GivenShareText, file: string | null): string {
  const { text, custodian, threshold, expiry, openingKey } = given
  if (file === null) return text
  return `${file}: share of custodian ${custodian}, good until ${formatTime(1000 * expiry)}; ${threshold} shares open the object.\nOnly the owner of opening key ${formatOpeningKey(openingKey)} can use it: send it by any way.`
}

async function cardKey(
  context: CliContext,
  flags: CommonFlags & CardFlags & { cardKey: string },
): Promise<void> {
  const opened = await openCard(context, { ...flags, cardPolicy: 'required' })
  const card = opened?.card ?? null
  if (card === null)
    throw new OrlopError('CARD_UNAVAILABLE', 'No card was found. Name its library.')
  try {
    const { point } = await cardSm2Key(card, flags.cardKey)
    const pem = formatSm2PublicKey(point)
    printResult(context, { card: card.info().name, publicKey: point, pem }, () => pem.trimEnd())
  } finally {
    await card.close()
  }
}
