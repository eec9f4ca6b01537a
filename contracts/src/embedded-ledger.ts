import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@orlop/protocol/clock'
import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import { silentLogger, type Logger } from '@orlop/protocol/logger'
import { deployContracts } from './deploy-contracts.ts'
import { AnvilProcess } from './embedded/anvil-process.ts'
import { embeddedDeployment, readDeployerKey } from './embedded/deployer-key.ts'
import { LedgerSnapshots } from './embedded/ledger-snapshots.ts'
import { lockLedgerHome } from './embedded/lock-ledger-home.ts'
import { EMBEDDED_FINALITY_MS, SnapshotKeeper, dumpRpc } from './embedded/snapshot-keeper.ts'
import { LoopbackRelay } from './embedded/loopback-relay.ts'
import { forgetRunning, noteRunning, takeOverOrphan } from './embedded/take-over-orphan.ts'
import { writeDurably } from './embedded/write-durably.ts'
import { EthersLedgerReader } from './ethers-ledger-reader.ts'
import type { FinalityPolicy } from './finality.ts'
import { LedgerRpc } from './rpc/ledger-rpc.ts'
import { RpcConnection } from './rpc/rpc-connection.ts'

export interface EmbeddedLedgerOptions {
  /** Holds everything of this ledger: states, deployer key, deployment.json. Created when missing. */
  homeFolder: string
  /** TCP port on 127.0.0.1; 0 = a free one. */
  port: number
  logger?: Logger
  /** How long to wait for a lock that a killed process left. Default 7 s. */
  lockWaitMs?: number
}

export interface EmbeddedLedger {
  readonly rpcUrl: string
  readonly deployment: Deployment
  /** Process id of the EVM. */
  readonly pid: number
  /** Resolves when the ledger serves no more: true after {@link EmbeddedLedger.stop}, false when it stopped by itself. */
  readonly ended: Promise<boolean>
  /** Saves the state and ends. */
  stop(): Promise<void>
}

/** What a client of the embedded ledger must take for final. */
export const EMBEDDED_FINALITY: FinalityPolicy = { kind: 'age', ms: EMBEDDED_FINALITY_MS }

/** Name of the file with the {@link Deployment} in the home folder. */
const DEPLOYMENT_FILE = 'deployment.json'

/**
 * Starts a persistent single-process ledger for one machine: gas costs nothing, every transaction is a block. Its first start
 * deploys the contracts; the deployer (`deployer.key`, owner-readable) is their admin and steward.
 *
 * What a killed ledger forgets is at most what came after the last saved state: see `EMBEDDED_FINALITY_MS` for when a block is
 * certain.
 *
 * @throws OrlopError `HOME_LOCKED` when another process serves this folder; `LEDGER_UNREACHABLE` when it does not start or no saved
 * state can be read; `CONFIG_INVALID` for a damaged key file or a platform without anvil.
 */
export async function startEmbeddedLedger(options: EmbeddedLedgerOptions): Promise<EmbeddedLedger> {
  const { homeFolder, logger = silentLogger } = options
  await mkdir(homeFolder, { recursive: true, mode: 0o700 })
  let stopForLostLock: () => void = () => undefined
  const onLost = () => stopForLostLock()
  const unlock = await lockLedgerHome(homeFolder, onLost, options.lockWaitMs)
  try {
    const privateKey = await readDeployerKey(homeFolder)
    const deployment = embeddedDeployment(privateKey)
    const snapshots = new LedgerSnapshots(homeFolder)
    await takeOverOrphan({ homeFolder, deployment, snapshots }, logger)
    const anvil = await startFromNewest(homeFolder, snapshots, logger)
    const rpc = dumpRpc(anvil.rpcUrl)
    const keeper = new SnapshotKeeper({ rpc, snapshots, clock: systemClock, logger })
    try {
      await noteRunning(homeFolder, { pid: anvil.pid, rpcUrl: anvil.rpcUrl })
      await ensureDeployed({ rpcUrl: anvil.rpcUrl, deployment, privateKey })
      await keeper.save()
      const text = `${JSON.stringify(deployment, null, 2)}\n`
      await writeDurably(join(homeFolder, DEPLOYMENT_FILE), text)
      const relay = await LoopbackRelay.start(options.port, anvil.port)
      const service = serve({ anvil, relay, keeper, homeFolder, unlock, logger })
      stopForLostLock = () => void service.stop()
      const rpcUrl = `http://127.0.0.1:${relay.port}`
      return { rpcUrl, deployment, pid: anvil.pid, ...service }
    } catch (error) {
      await anvil.stop()
      throw error
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

/** The newest state that can be read and loaded; an empty ledger where there never was one. */
async function startFromNewest(
  homeFolder: string,
  snapshots: LedgerSnapshots,
  logger: Logger,
): Promise<AnvilProcess> {
  const names = await snapshots.names()
  if (names.length === 0) return AnvilProcess.start()
  const statePath = join(homeFolder, 'state.json.tmp')
  for (const name of names) {
    const state = await snapshots.read(name)
    if (state === null) {
      logger.error({ name }, 'a saved ledger state is damaged; trying the one before')
      continue
    }
    await writeFile(statePath, state)
    try {
      return await AnvilProcess.start({ statePath })
    } finally {
      await rm(statePath, { force: true })
    }
  }
  throw new OrlopError(
    'LEDGER_UNREACHABLE',
    `No saved state of the ledger in ${homeFolder} can be read (${names.join(', ')}). Restore them from a backup, or move the folder away to begin anew.`,
  )
}

async function ensureDeployed(ledger: {
  rpcUrl: string
  deployment: Deployment
  privateKey: Uint8Array
}): Promise<void> {
  const { rpcUrl, deployment, privateKey } = ledger
  const rpc = new LedgerRpc(new RpcConnection(rpcUrl))
  if ((await rpc.code(deployment.credit)) === '0x') await deployContracts({ rpcUrl, privateKey })
  await new EthersLedgerReader({ rpcUrl, deployment }).verify()
}

function serve(parts: {
  anvil: AnvilProcess
  relay: LoopbackRelay
  keeper: SnapshotKeeper
  homeFolder: string
  unlock: () => Promise<void>
  logger: Logger
}): Pick<EmbeddedLedger, 'ended' | 'stop'> {
  const { anvil, relay, keeper, homeFolder, unlock, logger } = parts
  let isStopping = false
  const saving = keeper.run()
  const ended = Promise.race([saving, anvil.ended.then(() => false)]).then(async (isEnded) => {
    keeper.end()
    await relay.stop()
    if (!isEnded)
      logger.error({ pid: anvil.pid }, 'the ledger stopped: not saved in time, or ended')
    await saving
    if (isEnded) await keeper.save().catch((err: unknown) => logger.error({ err }, 'final save'))
    await anvil.stop()
    await forgetRunning(homeFolder)
    await unlock().catch((err: unknown) => logger.warn({ err }, 'the lock was lost'))
    return isStopping
  })
  const stop = async () => {
    isStopping = true
    keeper.end()
    await ended
  }
  return { ended, stop }
}
