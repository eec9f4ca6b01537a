import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { CentreClient } from '@orlop/kmc/client/centre-client'
import { readIdentity } from '@orlop/protocol/centre/identity'
import { readEndpoint } from '@orlop/kmc/service/endpoint'
import { KmcHome } from '@orlop/kmc/service/kmc-home'
import { OrlopError } from '@orlop/protocol/errors'
import type { CliContext } from '../../context.ts'
import type { CommonFlags } from '../../define-command.ts'
import { HomeLayout } from '../../devnet/layout.ts'
import { readNetworkFile } from '../../network-file.ts'

/** Which centre a command asks, and as whom. */
export interface CentreFlags extends CommonFlags {
  url?: string
  identity?: string
}

/** Gives a command the options that say which centre it asks, and as whom. */
export function withCentreFlags(command: Command): Command {
  return command
    .option('--url <url>', 'where the centre serves (default: that of this home)')
    .option(
      '--identity <file>',
      'key and certificates to ask with (default: this home’s administrator)',
    )
}

/** Where the centre of this home keeps everything. */
export function kmcHomeOf(context: CliContext): KmcHome {
  return new KmcHome(new HomeLayout(context.home).kmcHome)
}

/**
 * Asks a centre, and closes the connection whatever happens.
 *
 * @throws OrlopError `CONFIG_INVALID` without an address; KmcError as the identity and the centre have it, and what `work` throws.
 */
export async function withCentre<T>(
  context: CliContext,
  flags: CentreFlags,
  work: (client: CentreClient) => Promise<T>,
): Promise<T> {
  const url = await addressOf(context, flags)
  const identity = await readIdentity(flags.identity ?? kmcHomeOf(context).administratorIdentity)
  const client = new CentreClient({ url, identity })
  try {
    return await work(client)
  } finally {
    client.close()
  }
}

/** Where the centre serves. @throws OrlopError `CONFIG_INVALID` when no centre was started here and none is named; `USAGE` */
export async function addressOf(context: CliContext, flags: CentreFlags): Promise<string> {
  const home = kmcHomeOf(context)
  const url = flags.url ?? (await readEndpoint(home))?.url
  if (url === undefined) {
    throw new OrlopError(
      'CONFIG_INVALID',
      `No centre was ever started in ${home.path}. Start one with 'orlop kmc up', or name one with --url.`,
    )
  }
  if (!/^https:\/\//.test(url) || !URL.canParse(url)) {
    throw new OrlopError('USAGE', `--url '${url}' is no address of a centre: https://HOST:PORT/.`)
  }
  return url
}

/** The ledger of this home's network, where it was joined to one. */
export function ledgerOf(context: CliContext): string | null {
  const { networkFile } = new HomeLayout(context.home)
  return existsSync(networkFile) ? readNetworkFile(networkFile).rpcUrl : null
}
