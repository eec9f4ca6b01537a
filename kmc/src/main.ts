import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { CommanderError } from 'commander'
import { pino } from 'pino'
import { destructionJson } from './api/centre-values.ts'
import { createKmcCommand, type Flags } from './kmc-command.ts'
import type { Destruction } from './keys/destruction.ts'
import { KmcError } from './kmc-error.ts'
import { readCardsFile } from './platform/cards-file.ts'
import { KmcHome } from './service/kmc-home.ts'
import { limitCoreDumps } from './service/limit-core-dumps.ts'
import type { Restoration } from './service/open-centre.ts'
import type { EtcdPlace } from './service/open-store.ts'
import { restoreCentre, runCentre, type RunCentreOptions } from './service/run-centre.ts'

const VERSION = '0.1.0'
const EXIT_GRACE_MS = 1_000
const MINUTE_MS = 60_000

/** The centre as a process. Tells who started it when it serves; SIGTERM ends it in good order. */
async function main(flags: Flags): Promise<void> {
  const stopped = Promise.withResolvers<undefined>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stopped.resolve(undefined)
    })
  }
  const logger = createLog(flags)
  // Before there is a key in this memory.
  await limitCoreDumps(process.pid, logger)
  const options = { ...(await optionsOf(flags)), logger }
  if (options.restoration !== null) {
    await tell({ restored: true, ...(await restoreCentre(options)) })
    return
  }
  const centre = await runCentre(options)
  await tell({ ready: true, ...centre.facts })
  await stopped.promise
  await centre.stop()
}

/** To who started this process; to standard output when that is nobody who listens. Shares of a new centre are among it. */
async function tell(facts: object): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const sent = () => {
    resolve(undefined)
  }
  if (process.send === undefined) process.stdout.write(`${JSON.stringify(facts)}\n`, sent)
  else process.send(facts, undefined, undefined, sent)
  await promise
}

async function optionsOf(flags: Flags): Promise<Omit<RunCentreOptions, 'logger'>> {
  return {
    home: new KmcHome(flags.home),
    version: VERSION,
    host: flags.host,
    port: flags.port ?? null,
    hosts: flags.name,
    threshold: flags.threshold,
    custodians: flags.custodians,
    writesShares: !flags.printShares,
    shares: flags.sharesOnStdin ? linesOf(await text(process.stdin)) : [],
    restoration: await restorationOf(flags),
    etcd: etcdOf(flags),
    backups: flags.backups ?? null,
    rpcUrl: flags.rpcUrl ?? null,
    acceptsRollback: flags.acceptRollback,
    anchorPeriodMs: flags.anchorMinutes * MINUTE_MS,
    requestsPerMinute: flags.requestsPerMinute,
    ...(flags.cards === undefined
      ? { cards: [], unsealing: null }
      : await readCardsFile(flags.cards)),
  }
}

function etcdOf(flags: Flags): EtcdPlace | null {
  const { etcd: urls, etcdNamespace, etcdAuthority, etcdCertificate, etcdKey } = flags
  if (urls.length === 0) return null
  return {
    urls,
    namespace: etcdNamespace ?? null,
    authorityFile: etcdAuthority ?? null,
    certificateFile: etcdCertificate ?? null,
    privateKeyFile: etcdKey ?? null,
  }
}

const linesOf = (all: string) => all.split('\n').filter((line) => line.trim() !== '')

async function restorationOf({ restore, destruction }: Flags): Promise<Restoration | null> {
  if (restore === undefined) return null
  const destructions = await Promise.all(destruction.map(readDestructions))
  return { backup: new Uint8Array(await readFile(restore)), destructions: destructions.flat() }
}

/** One statement, or those of a whole application. */
async function readDestructions(path: string): Promise<Destruction[]> {
  try {
    const read: unknown = JSON.parse(await readFile(path, 'utf8'))
    return (Array.isArray(read) ? read : [read]).map((one) => destructionJson.parse(one))
  } catch (cause) {
    throw new KmcError(
      'CONFIG_INVALID',
      `${path} holds no statement of a destroyed key. Give a file that 'orlop kmc destroy --statement' wrote.`,
      { cause },
    )
  }
}

/** JSON lines. Results go to stdout, so the log never does. */
function createLog({ logFile, logLevel }: Flags) {
  const target =
    logFile === undefined
      ? pino.destination(2)
      : pino.destination({ dest: logFile, mkdir: true, sync: false })
  return pino({ level: logLevel, base: null }, target)
}

/** Says what went wrong. @returns the exit code: 0 for help, 2 for wrong usage, 1 for all else. */
async function report(error: unknown): Promise<number> {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const code = error instanceof KmcError ? error.code : 'INTERNAL'
  const message = error instanceof Error ? error.message : String(error)
  const details = error instanceof KmcError ? error.details : {}
  if (process.send === undefined) process.stderr.write(`${code}: ${message}\n`)
  else await tell({ failed: { code, message, details } })
  return code === 'CONFIG_INVALID' ? 2 : 1
}

try {
  await main(createKmcCommand(process.env).parse().opts<Flags>())
  process.exitCode = 0
} catch (error) {
  process.exitCode = await report(error)
} finally {
  if (process.connected) process.disconnect()
  setTimeout(() => process.exit(), EXIT_GRACE_MS).unref()
}
