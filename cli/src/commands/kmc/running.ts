import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { KmcHome } from '@orlop/kmc/service/kmc-home'
import type { CentreFacts } from '@orlop/kmc/service/run-centre'
import { OrlopError } from '@orlop/protocol/errors'
import type { Commands } from '../../commands.ts'
import type { CliContext } from '../../context.ts'
import { type CommonFlags, describe } from '../../define-command.ts'
import { printResult } from '../../output.ts'
import { logFile, runningCentre, startCentre, stopCentre } from './centre-process.ts'
import { kmcHomeOf, ledgerOf } from './centre-flags.ts'

interface UpFlags extends CommonFlags {
  shares?: string[]
  threshold: string
  custodians: string
  printShares?: boolean
  detach?: boolean
  host: string
  port?: string
  name?: string[]
  etcd?: string[]
  etcdNamespace?: string
  etcdAuthority?: string
  etcdCertificate?: string
  etcdKey?: string
  backups?: string
  rpcUrl?: string
  acceptRollback?: boolean
  requestsPerMinute?: string
  cards?: string
  logLevel: string
}

/** `kmc up`, `kmc down`. */
export function addRunning(kmc: Command, { action, collect }: Commands): void {
  describe(kmc.command('up'), {
    summary: 'run the centre of this home until Ctrl-C; the first time, make it',
    example:
      'orlop kmc up\norlop kmc up --detach --shares custodians/1/share.txt custodians/2/share.txt\norlop kmc up --threshold 3 --custodians 5 --host 0.0.0.0 --port 8443 --name keys.fleet.example',
  })
    .option(
      '--shares <file...>',
      'custodians’ shares that are at hand; without enough it starts sealed',
    )
    .option('--threshold <count>', 'of a new centre: shares that unseal it', '2')
    .option('--custodians <count>', 'of a new centre: shares in all', '3')
    .option('--print-shares', 'print the shares of a new centre instead of writing them to files')
    .option('--detach', 'return when it serves, and leave it running; end it with: orlop kmc down')
    .option('--host <address>', 'where to listen; 0.0.0.0 for every interface', '127.0.0.1')
    .option('--port <port>', 'where to listen; 0 for any free one (default: the last one)')
    .option('--name <host>', 'a name or address it is asked for by; may be repeated', collect)
    .option(
      '--etcd <url...>',
      'members of the etcd that replicas share (default: rows in this home)',
    )
    .option('--etcd-namespace <text>', 'what its keys begin with (default: orlop-kmc/)')
    .option('--etcd-authority <file>', 'authority of its members, in PEM')
    .option('--etcd-certificate <file>', 'what is shown to its members, in PEM')
    .option('--etcd-key <file>', 'the key of that, in PEM')
    .option('--backups <folder>', 'where backups lie; replicas share one (default: in this home)')
    .option(
      '--rpc-url <url>',
      "ledger that the audit log is anchored on (default: this home's network, where it has one)",
    )
    .option(
      '--accept-rollback',
      'take a store that was brought back to an older state as it is; what was revoked since is good again',
    )
    .option('--requests-per-minute <count>', 'most requests of one role and name (default: 6000)')
    .option(
      '--cards <file>',
      'cards that the platform’s API works with, and the one that unseals the centre; see docs/platform-api.md (default: software)',
    )
    .option('--log-level <level>', 'debug, info, warn, error or silent', 'warn')
    .action(action(up))
  describe(kmc.command('down'), {
    summary: 'end the centre of this home; it starts sealed the next time',
    example: 'orlop kmc down',
  }).action(action(down))
}

async function up(context: CliContext, flags: UpFlags): Promise<void> {
  const home = kmcHomeOf(context)
  if ((await runningCentre(home)) !== null) {
    throw new OrlopError(
      'ALREADY_EXISTS',
      `The centre in ${home.path} runs already. Use it, or end it with 'orlop kmc down'.`,
    )
  }
  const isDetached = flags.detach === true
  const shares = await readShares(flags.shares ?? [])
  const started = await startCentre<CentreFacts>(home, {
    args: upArguments(context, flags),
    shares,
    isDetached,
  })
  const writesShares = flags.printShares !== true
  printResult(context, resultOf(home, started.facts, writesShares), () =>
    textOf(home, started.facts, writesShares),
  )
  if (!isDetached) process.exitCode = await started.ended(context.signal)
}

async function down(context: CliContext): Promise<void> {
  const wasRunning = await stopCentre(kmcHomeOf(context))
  printResult(context, { wasRunning }, () =>
    wasRunning ? 'The centre has ended. It forgot its keys.' : 'No centre was running here.',
  )
}

/** The texts of shares in files. @throws the file system's own errors */
export async function readShares(files: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  return texts.map((text) => text.trim())
}

function upArguments(context: CliContext, flags: UpFlags): string[] {
  const rpcUrl = flags.rpcUrl ?? ledgerOf(context)
  const { threshold, custodians, host, port, name = [], requestsPerMinute, logLevel } = flags
  return [
    ...['--threshold', threshold, '--custodians', custodians],
    ...['--host', host, '--log-level', logLevel],
    ...(port === undefined ? [] : ['--port', port]),
    ...(rpcUrl === null ? [] : ['--rpc-url', rpcUrl]),
    ...(flags.acceptRollback === true ? ['--accept-rollback'] : []),
    ...storeArguments(flags),
    ...name.flatMap((one) => ['--name', one]),
    ...(requestsPerMinute === undefined ? [] : ['--requests-per-minute', requestsPerMinute]),
    ...(flags.cards === undefined ? [] : ['--cards', resolve(flags.cards)]),
    ...(flags.printShares === true ? ['--print-shares'] : []),
  ]
}

function storeArguments(flags: UpFlags): string[] {
  const given = {
    '--etcd-namespace': flags.etcdNamespace,
    '--etcd-authority': flags.etcdAuthority,
    '--etcd-certificate': flags.etcdCertificate,
    '--etcd-key': flags.etcdKey,
    '--backups': flags.backups,
  }
  return [
    ...(flags.etcd ?? []).flatMap((url) => ['--etcd', url]),
    ...Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
  ]
}

function resultOf(home: KmcHome, facts: CentreFacts, writesShares: boolean) {
  const { url, centreId, seal, newShares, sharesAtHome, cardRefusal } = facts
  const isNew = newShares.length > 0
  const custodians = newShares.map((share, at) => ({
    index: at + 1,
    ...(writesShares ? { folder: home.custodian(at + 1) } : { share }),
  }))
  const identity = home.administratorIdentity
  const places = { identity, authority: home.authority, custodians }
  return { isNew, url, centreId, seal, ...places, sharesAtHome, cardRefusal }
}

function textOf(home: KmcHome, facts: CentreFacts, writesShares: boolean): string {
  const { url, centreId, seal, newShares, sharesAtHome, cardRefusal } = facts
  const { state, threshold } = seal
  const isNew = newShares.length > 0
  const lines = isNew ? newCentreText(home, facts, writesShares) : []
  if (facts.hasNewAdministrator && !isNew) {
    lines.push(`This machine's administrator has a new certificate: ${home.administratorIdentity}`)
  }
  lines.push(`The centre ${centreId} serves at ${url} and is ${state}.`)
  if (!isNew && sharesAtHome >= threshold) {
    lines.push(
      `${sharesAtHome} shares lie in ${home.custodians}: whoever reads this disk can unseal it. Take them to their custodians, and delete them here.`,
    )
  }
  if (cardRefusal !== null) lines.push(cardRefusal)
  if (state !== 'unsealed') {
    lines.push(`${threshold} custodians unseal it: orlop kmc unseal --share FILE`)
  }
  lines.push(`Its log, where it runs detached: ${logFile(home)}`)
  return lines.join('\n')
}

function newCentreText(home: KmcHome, { newShares, seal }: CentreFacts, writesShares: boolean) {
  const count = newShares.length
  const shares = newShares.map((share, at) => {
    const index = at + 1
    return writesShares ? `  ${join(home.custodian(index), '')}` : `  ${index}: ${share}`
  })
  return [
    `A new centre was made. Any ${seal.threshold} of its ${count} shares unseal it; with fewer left, all its keys are lost.`,
    writesShares
      ? 'Take one folder to each custodian (a share, and a certificate to give it with), then delete it here:'
      : 'Write each share down for one custodian. They are not shown again:',
    ...shares,
    `Keep ${home.administratorIdentity} to yourself: whoever has it administers the centre.`,
    `Give ${home.authority} to whoever must recognise the centre: it is public.`,
    `Keep copies of ${home.backups} elsewhere; they are sealed.`,
    '',
  ]
}
