import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createFileKeyring } from '@orlop/client-sdk/index'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe } from '../define-command.ts'
import { HomeLayout } from '../devnet/layout.ts'
import { joinNetwork, readDeploymentFile } from '../network-file.ts'
import { keyringFile, withClient } from '../open-client.ts'
import { printResult } from '../output.ts'
import { parseWhole } from '../parse-options.ts'
import { readPassphrase } from '../passphrase.ts'
import type { Commands } from '../commands.ts'

interface InitFlags extends CommonFlags {
  rpcUrl: string
  deployment: string
  name: string
  imo: string
  finalAfterMs: string
}

export function addClient({ program, action }: Commands): void {
  describe(program.command('init'), {
    summary: 'join a network: make a keyring, register this client on the ledger',
    example:
      'orlop init --rpc-url http://localhost:8545 --deployment deployment.json --name "MV Example" --imo 9074729',
  })
    .requiredOption('--rpc-url <url>', 'JSON-RPC of the ledger')
    .requiredOption('--deployment <file>', 'which contracts, as the deploy script wrote them')
    .requiredOption('--name <name>', 'ship or application, public')
    .option('--imo <number>', 'IMO ship number; 0 for a shore application', '0')
    .option(
      '--final-after-ms <ms>',
      'how old a block must be until this ledger cannot lose it',
      '0',
    )
    .action(action(init))
}

async function init(context: CliContext, flags: InitFlags): Promise<void> {
  const layout = new HomeLayout(context.home)
  joinNetwork(layout.networkFile, {
    rpcUrl: flags.rpcUrl,
    deployment: readDeploymentFile(flags.deployment),
    finalAfterMs: parseWhole('--final-after-ms', flags.finalAfterMs),
  })
  const passphrase = await readPassphrase(context, 'Passphrase for the new keyring: ')
  const recoveryFile = await makeKeyring(layout.clientHome, passphrase)
  const imoNumber = parseWhole('--imo', flags.imo)
  const record = await withClient({ ...context, passphrase, passphraseFile: null }, (client) =>
    client.register({ name: flags.name, imoNumber }, { signal: context.signal }),
  )
  const { clientId, state } = record
  printResult(context, { clientId, state, home: layout.clientHome, recoveryFile }, () => {
    const recovery =
      recoveryFile === null
        ? ''
        : `\nThe recovery key is in ${recoveryFile}: take it elsewhere, and delete it here.`
    const next = state === 'pending' ? ': the steward has to admit it before it can store' : ''
    return `Client ${clientId}, ${state}${next}.${recovery}`
  })
}

/**
 * Makes a keyring where there is none.
 *
 * @returns the file with the recovery key, which belongs somewhere else; null when there was a keyring already.
 * @throws OrlopError `ALREADY_EXISTS` when there is a recovery key but no keyring.
 */
export async function makeKeyring(clientHome: string, passphrase: string): Promise<string | null> {
  const file = keyringFile(clientHome)
  if (existsSync(file)) return null
  const recoveryFile = join(clientHome, 'recovery.key')
  const keyring = await createFileKeyring({ file, passphrase, recoveryFile })
  keyring.dispose()
  return recoveryFile
}
