import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { FileKeyring, parseRecoveryKey } from '@orlop/client-sdk/index'
import { OrlopError } from '@orlop/protocol/errors'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe } from '../define-command.ts'
import { HomeLayout } from '../devnet/layout.ts'
import { joinNetwork, readDeploymentFile } from '../network-file.ts'
import { keyringFile, withClient } from '../open-client.ts'
import { printResult } from '../output.ts'
import { parseWhole } from '../parse-options.ts'
import { readPassphrase } from '../passphrase.ts'
import type { Commands } from '../commands.ts'

interface RotateFlags extends CommonFlags {
  recoveryFile: string
  clientId?: string
  rpcUrl?: string
  deployment?: string
  finalAfterMs: string
}

/** `rotate`. */
export function addRotate({ program, action }: Commands): void {
  describe(program.command('rotate'), {
    summary: 'replace this client’s keys with the recovery key, here or on a new computer',
    example:
      'orlop rotate --recovery-file recovery.key\norlop rotate --recovery-file recovery.key --client-id 7 \\\n  --rpc-url http://localhost:8545 --deployment deployment.json',
  })
    .requiredOption('--recovery-file <file>', 'the recovery key, as init left it')
    .option('--client-id <number>', 'take this client over; makes a keyring where there is none')
    .option('--rpc-url <url>', 'JSON-RPC of the ledger, in a new home')
    .option('--deployment <file>', 'which contracts, in a new home')
    .option('--final-after-ms <ms>', 'as for init, in a new home', '0')
    .action(action(rotate))
}

async function rotate(context: CliContext, flags: RotateFlags): Promise<void> {
  const clientId =
    flags.clientId === undefined ? {} : { clientId: parseWhole('--client-id', flags.clientId) }
  const recoverySecretKey = await readRecoveryFile(flags.recoveryFile)
  try {
    const layout = new HomeLayout(context.home)
    joinIfTold(layout, flags)
    const file = keyringFile(layout.clientHome)
    const isTakenOver = flags.clientId !== undefined && !existsSync(file)
    const opening = isTakenOver ? await makeKeyring(context, file, recoverySecretKey) : context
    const { clientId: id, signer } = await withClient(opening, (client) =>
      client.rotate({ recoverySecretKey, ...clientId }, { signal: context.signal }),
    )
    printResult(
      context,
      { clientId: id, signer },
      () => `Client ${id} signs with new keys: ${signer}. Take the recovery key away again.`,
    )
  } finally {
    recoverySecretKey.fill(0)
  }
}

function joinIfTold(layout: HomeLayout, { rpcUrl, deployment, finalAfterMs }: RotateFlags): void {
  if (rpcUrl === undefined && deployment === undefined) return
  if (rpcUrl === undefined || deployment === undefined) {
    throw new OrlopError('USAGE', 'A new home needs both --rpc-url URL and --deployment FILE.')
  }
  joinNetwork(layout.networkFile, {
    rpcUrl,
    deployment: readDeploymentFile(deployment),
    finalAfterMs: parseWhole('--final-after-ms', finalAfterMs),
  })
}

/** A keyring for a new computer, with the recovery key there is. @returns the context that opens it. */
async function makeKeyring(
  context: CliContext,
  file: string,
  recoverySecretKey: Uint8Array,
): Promise<CliContext> {
  const passphrase = await readPassphrase(context, 'Passphrase for the new keyring: ')
  const { keyring } = await FileKeyring.create({ file, passphrase, recoverySecretKey })
  keyring.dispose()
  return { ...context, passphrase, passphraseFile: null }
}

async function readRecoveryFile(path: string): Promise<Uint8Array> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new OrlopError('USAGE', `The recovery file ${path} cannot be read. Check the path.`, {
      cause,
    })
  })
  return parseRecoveryKey(text)
}
