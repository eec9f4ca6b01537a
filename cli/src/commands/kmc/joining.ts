import type { Command } from 'commander'
import { CENTRE_ROUTES } from '@orlop/kmc/api/centre-routes'
import { CentreClient } from '@orlop/kmc/client/centre-client'
import { encodeHex } from '@orlop/crypto/bytes'
import { cardSm2Key, FileKeyring, formatOpeningKey } from '@orlop/client-sdk/index'
import { readIdentity } from '@orlop/protocol/centre/identity'
import { OrlopError } from '@orlop/protocol/errors'
import { joinApplicationCentre } from '../../application-centre.ts'
import type { Commands } from '../../commands.ts'
import type { CliContext } from '../../context.ts'
import { type CommonFlags, describe } from '../../define-command.ts'
import { HomeLayout } from '../../devnet/layout.ts'
import { keyringFile, passphraseOf } from '../../open-client.ts'
import { type CardFlags, openCard } from '../../open-card.ts'
import { printResult } from '../../output.ts'

/** A card whose SM2 key the centre wraps keys to. */
interface KeyOnCardFlags extends CardFlags {
  cardKey?: string
}

interface JoinFlags extends CommonFlags, KeyOnCardFlags {
  url: string
  identity: string
  requester: string
}

/** `kmc requester`, `kmc join`: what a client does to act for an application. */
export function addJoining(kmc: Command, { action }: Commands): void {
  describe(kmc.command('requester <name>'), {
    summary: 'this client as the centre’s administrator enters it into an application’s policy',
    example:
      'orlop kmc requester bridge\norlop kmc requester bridge --card sdf:/usr/lib/libsdf.so --card-key 1',
  })
    .option(
      '--keyring <file>',
      'whose: a keyring file, such as an agent’s (default: that of this home)',
    )
    .option('--card <address>', 'keys are wrapped to a card’s SM2 key instead; see docs/cards.md')
    .option('--card-key <name>', 'which, by its index; cards of GM/T 0018 only')
    .action(action(requester))
  describe(kmc.command('join'), {
    summary:
      'obtain an application’s keys from a centre from now on, for put --application and get',
    example:
      'orlop kmc join --url https://keys.fleet.example:8443/ --identity voyage.pem --requester bridge',
  })
    .requiredOption('--url <url>', 'where the centre serves')
    .requiredOption('--identity <file>', 'the application’s key and certificates')
    .requiredOption(
      '--requester <name>',
      'by which name the application’s policy knows this client',
    )
    .option('--card <address>', 'card with the SM2 key that the policy names; see docs/cards.md')
    .option('--card-key <name>', 'which, by its index; cards of GM/T 0018 only')
    .action(action(join))
}

async function requester(
  context: CliContext,
  name: string,
  flags: CommonFlags & KeyOnCardFlags & { keyring?: string },
): Promise<void> {
  const layout = new HomeLayout(context.home)
  const file = flags.keyring ?? keyringFile(layout.clientHome)
  const passphrase = await passphraseOf(context, layout, file)
  const keyring = await FileKeyring.open({ file, passphrase })
  try {
    const [keySet] = keyring.keySets
    if (keySet === undefined) throw new TypeError('a keyring has keys')
    const { address: signer, openingPublicKey } = keySet
    const openingKey = (await cardKeyOf(context, flags)) ?? formatOpeningKey(openingPublicKey)
    const text = `${name}=${signer},${openingKey}`
    printResult(context, { requesterId: name, signer, openingKey, text }, () => text)
  } finally {
    keyring.dispose()
  }
}

async function join(context: CliContext, flags: JoinFlags): Promise<void> {
  const { url, requester: requesterId } = flags
  if (!/^https:\/\//.test(url) || !URL.canParse(url)) {
    throw new OrlopError('USAGE', `--url '${url}' is no address of a centre: https://HOST:PORT/.`)
  }
  const identity = await readIdentity(flags.identity)
  // A card that has no such key is noticed now, not at the first file.
  await cardKeyOf(context, flags)
  const { card: address, cardKey: keyName } = flags
  const isOnCard = address !== undefined && keyName !== undefined
  const card = isOnCard ? { card: { address, keyName, folder: process.cwd() } } : {}
  const client = new CentreClient({ url, identity })
  try {
    const { centreId } = await client.ask(CENTRE_ROUTES.status, {})
    const { clientHome } = new HomeLayout(context.home)
    await joinApplicationCentre(clientHome, { url, requesterId, ...card }, identity)
    printResult(
      context,
      { centreId, url, requesterId },
      () => `Keys come from the centre at ${url} from now on.`,
    )
  } finally {
    client.close()
  }
}

/** A card's SM2 public key, in hexadecimal; null when the options name no card. */
async function cardKeyOf(context: CliContext, flags: KeyOnCardFlags): Promise<string | null> {
  const { card: address, cardKey } = flags
  if ((address === undefined) !== (cardKey === undefined)) {
    throw new OrlopError('USAGE', '--card and --card-key go together: which card, and which key.')
  }
  if (cardKey === undefined) return null
  const card = await openCard(context, flags)
  try {
    return encodeHex((await cardSm2Key(card, cardKey)).point)
  } finally {
    await card.close()
  }
}
