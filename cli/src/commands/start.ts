import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { basename } from 'node:path'
import type { OrlopClient } from '@orlop/client-sdk/index'
import { formatObjectId } from '@orlop/protocol/ids'
import type { NodeRecord, Receipt } from '@orlop/protocol/ledger-records'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe } from '../define-command.ts'
import { Devnet } from '../devnet/devnet.ts'
import { fetchBack, type VoyageObject } from '../devnet/fetch-back.ts'
import { HomeLayout, SAMPLE_VOYAGE } from '../devnet/layout.ts'
import {
  countUnrated,
  type LedgerReport,
  readNodes,
  receiptsOf,
  reportLedger,
} from '../devnet/ledger-report.ts'
import { beginLeg, followToLedger } from '../devnet/voyage.ts'
import { EXIT_DONE, EXIT_FAILED } from '../failure.ts'
import { type Network, readNetworkFile } from '../network-file.ts'
import { withClient } from '../open-client.ts'
import { formatBytes, formatCredit } from '../output.ts'
import { untilStopped } from '../until-stopped.ts'
import type { Commands } from '../commands.ts'
import { bringUp, devnetOptionsOf, type ExplorerFlags, withExplorerPort } from './devnet.ts'

const VOYAGE_TIMEOUT_MS = 220_000
const RATINGS_TIMEOUT_MS = 60_000
const RATINGS_PAUSE_MS = 500

/** The last line of `--once`. */
interface StartReport {
  ok: boolean
  nodes: { name: string; tier: string; peerId: string; creditBefore: number; creditAfter: number }[]
  ledger: LedgerReport
  objects: VoyageObject[]
  /** Objects of earlier runs: all of them must still be whole. */
  earlier: { objects: number; verified: number }
  intruder: string[]
  /** Where the explorer was served. */
  explorer: { url: string | null }
  seconds: number
}

export function addStart({ program, action }: Commands): void {
  withExplorerPort(
    describe(program.command('start'), {
      summary:
        'the whole network in the foreground, with a ship on a sample voyage; what npm start runs',
      example: 'orlop start\norlop start --once',
    }),
  )
    .option(
      '--once',
      'end when everything is verified; the last line on stdout is one JSON document',
    )
    .action(action(start))
}

type StartFlags = CommonFlags & ExplorerFlags & { once?: boolean }

async function start(context: CliContext, flags: StartFlags): Promise<void> {
  const startedMs = performance.now()
  const layout = new HomeLayout(context.home)
  const devnet = new Devnet(layout)
  const say = (line: string) => context.stdout.write(`${line}\n`)
  say(`Orlop, everything in ${layout.home}`)
  const options = devnetOptionsOf(flags)
  const { explorerUrl } = await bringUp({
    context: { ...context, stderr: context.stdout },
    devnet,
    layout,
    options,
  })
  try {
    const network = readNetworkFile(layout.networkFile)
    const report = await sailAndVerify({ context, layout, network, say })
    const seconds = Math.round(performance.now() - startedMs) / 1000
    process.exitCode = report.ok ? EXIT_DONE : EXIT_FAILED
    if (flags.once !== true) await stayUp({ context, layout, explorerUrl, say })
    await devnet.down()
    const explorer = { url: explorerUrl }
    if (flags.once === true) say(JSON.stringify({ ...report, explorer, seconds }))
  } catch (error) {
    await devnet.down()
    throw error
  }
}

interface Sailing {
  context: CliContext
  layout: HomeLayout
  network: Network
  say: (line: string) => void
}

async function sailAndVerify({
  context,
  layout,
  network,
  say,
}: Sailing): Promise<Omit<StartReport, 'explorer' | 'seconds'>> {
  const before = await readNodes(network)
  const legName = `leg-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`
  const paths = await beginLeg(layout, SAMPLE_VOYAGE, legName)
  const items = await followToLedger(layout, paths, {
    signal: context.signal,
    timeoutMs: VOYAGE_TIMEOUT_MS,
    onChange: ({ path, state, importance }) => {
      say(`ship     ${basename(path)}: ${state} (${importance})`)
    },
  })
  const ownerId = await agentClientId(layout)
  const folders = {
    retrieved: `${layout.retrievedFolder}/${legName}`,
    intruder: layout.intruderFolder,
  }
  const { objects, earlier, receipts } = await withClient(context, async (shore) => {
    const objects: VoyageObject[] = []
    for (const item of items) {
      const object = await fetchBack(shore, item, { ownerId, folders })
      objects.push(object)
      say(describeObject(object))
    }
    const receipts = await receiptsOf(network, ownerId)
    const earlier = await verifyEarlier(shore, receipts, { ownerId, objects })
    return { objects, earlier, receipts }
  })
  const own = new Set(objects.map(({ objectId }) => objectId))
  await awaitRatings(
    network,
    receipts.filter((receipt) => own.has(formatObjectId(receipt.objectId))),
  )
  const after = await readNodes(network)
  for (const node of after) say(`credit   ${node.name}  ${formatCredit(node.creditMillionths)}`)
  const ledger = await reportLedger(network, receipts)
  const ok =
    objects.length === paths.length &&
    objects.every((object) => object.verified) &&
    earlier.verified === earlier.objects
  return {
    ok,
    nodes: compareNodes(before, after),
    ledger,
    objects,
    earlier,
    intruder: objects.map(({ intruder }) => intruder),
  }
}

async function agentClientId(layout: HomeLayout): Promise<number> {
  const status = JSON.parse(await readFile(`${layout.agentHome}/status.json`, 'utf8')) as {
    ship: { clientId: number }
  }
  return status.ship.clientId
}

/** Verifies, copy by copy, what the ship stored in earlier runs. */
async function verifyEarlier(
  shore: OrlopClient,
  receipts: readonly Receipt[],
  { ownerId, objects }: { ownerId: number; objects: readonly VoyageObject[] },
): Promise<StartReport['earlier']> {
  const known = new Set(objects.map(({ objectId }) => objectId))
  const names = new Set(receipts.map(({ objectId }) => formatObjectId(objectId)))
  const earlier = [...names].filter((name) => !known.has(name))
  let verified = 0
  for (const objectId of earlier) {
    const { isSound } = await shore.verify({ objectId, ownerId })
    if (isSound) verified++
  }
  return { objects: earlier.length, verified }
}

/** Ratings go out after storing, through other nodes; they are on the ledger a little later, counted or not. */
async function awaitRatings(network: Network, receipts: readonly Receipt[]): Promise<void> {
  const deadlineMs = performance.now() + RATINGS_TIMEOUT_MS
  while ((await countUnrated(network, receipts)) > 0 && performance.now() < deadlineMs) {
    await delay(RATINGS_PAUSE_MS)
  }
}

function compareNodes(
  before: readonly NodeRecord[],
  after: readonly NodeRecord[],
): StartReport['nodes'] {
  return after.map(({ nodeId, name, tier, peerId, creditMillionths }) => ({
    name,
    tier,
    peerId,
    creditBefore: before.find((node) => node.nodeId === nodeId)?.creditMillionths ?? 0,
    creditAfter: creditMillionths,
  }))
}

function describeObject(object: VoyageObject): string {
  const copies = object.strips.map(({ node }) => node).join(', ')
  return `shore    ${object.name}: ${object.class}, ${formatBytes(object.plainBytes)} → ${formatBytes(object.sealedBytes)} sealed, on ${copies}; fetched back, ${object.verified ? 'every byte verified' : 'NOT VERIFIED'}`
}

interface Staying {
  context: CliContext
  layout: HomeLayout
  explorerUrl: string | null
  say: (line: string) => void
}

async function stayUp({ context, layout, explorerUrl, say }: Staying): Promise<void> {
  say('')
  say(`The explorer                 ${explorerUrl ?? '-'}   (every storage record, live)`)
  say(
    `The ship's outgoing folder   ${layout.voyageFolder}   (put a file in, and watch it being stored)`,
  )
  say(`Fetched back and verified    ${layout.retrievedFolder}`)
  say(`What an intruder sees        ${layout.intruderFolder}`)
  say(`Logs                         ${layout.devnet}/logs`)
  say('Try in another terminal:     ./orlop nodes   ./orlop put README.md   ./orlop ls')
  say('Ctrl-C ends the network; everything stored is kept.')
  await untilStopped(context.signal)
}
