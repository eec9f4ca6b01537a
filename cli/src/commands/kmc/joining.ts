import type { Command } from 'commander'
import { CENTRE_ROUTES } from '@orlop/kmc/api/centre-routes'
import { CentreClient } from '@orlop/kmc/client/centre-client'
import { FileKeyring, formatOpeningKey } from '@orlop/client-sdk/index'
import { readIdentity } from '@orlop/protocol/centre/identity'
import { OrlopError } from '@orlop/protocol/errors'
import { joinApplicationCentre } from '../../application-centre.ts'
import type { Commands } from '../../commands.ts'
import type { CliContext } from '../../context.ts'
import { type CommonFlags, describe } from '../../define-command.ts'
import { HomeLayout } from '../../devnet/layout.ts'
import { keyringFile, passphraseOf } from '../../open-client.ts'
import { printResult } from '../../output.ts'

interface JoinFlags extends CommonFlags {
  url: string
  identity: string
  requester: string
}

/** `kmc requester`, `kmc join`: what a client does to act for an application. */
export function addJoining(kmc: Command, { action }: Commands): void {
  describe(kmc.command('requester <name>'), {
    summary: 'this client as the centre’s administrator enters it into an application’s policy',
    example: 'orlop kmc requester bridge',
  })
    .option(
      '--keyring <file>',
      'whose: a keyring file, such as an agent’s (default: that of this home)',
    )
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
    .action(action(join))
}

async function requester(
  context: CliContext,
  name: string,
  flags: CommonFlags & { keyring?: string },
): Promise<void> {
  const layout = new HomeLayout(context.home)
  const file = flags.keyring ?? keyringFile(layout.clientHome)
  const passphrase = await passphraseOf(context, layout, file)
  const keyring = await FileKeyring.open({ file, passphrase })
  try {
    const [keySet] = keyring.keySets
    if (keySet === undefined) throw new TypeError('a keyring has keys')
    const { address: signer, openingPublicKey } = keySet
    const openingKey = formatOpeningKey(openingPublicKey)
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
  const client = new CentreClient({ url, identity })
  try {
    const { centreId } = await client.ask(CENTRE_ROUTES.status, {})
    const { clientHome } = new HomeLayout(context.home)
    await joinApplicationCentre(clientHome, { url, requesterId }, identity)
    printResult(
      context,
      { centreId, url, requesterId },
      () => `Keys come from the centre at ${url} from now on.`,
    )
  } finally {
    client.close()
  }
}
