import { type Command } from 'commander'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe, describeGroup } from '../define-command.ts'
import { Devnet, type DevnetOptions } from '../devnet/devnet.ts'
import { HomeLayout } from '../devnet/layout.ts'
import { settleShoreClient, startAgent } from '../devnet/parties.ts'
import { isRunning } from '../devnet/process-record.ts'
import { OrlopError } from '@orlop/protocol/errors'
import { formatTable, formatTime, printResult } from '../output.ts'
import type { Commands } from '../commands.ts'

const MAX_PORT = 65_535

export function addDevnet({ program, action }: Commands): void {
  const devnet = describeGroup(program.command('devnet'), {
    summary: 'a whole network on this machine: ledger, eight nodes, explorer, an agent',
    example: 'orlop devnet up\norlop devnet status',
  })
  withExplorerPort(
    describe(devnet.command('up'), {
      summary: 'start it, return when it is ready, leave it running',
      example: 'orlop devnet up && orlop put README.md',
    }),
  ).action(action(up))
  describe(devnet.command('down'), {
    summary: 'end exactly what it started; everything stored is kept',
    example: 'orlop devnet down',
  }).action(action(down))
  describe(devnet.command('status'), {
    summary: 'what runs, since when',
    example: 'orlop devnet status --json',
  }).action(action(status))
}

/** Gives a command that starts the network the option that says where the explorer is. */
export function withExplorerPort(command: Command): Command {
  return command.option(
    '--explorer-port <port>',
    'where the explorer is served on this machine; 0 for any free port',
    '0',
  )
}

export interface ExplorerFlags {
  explorerPort: string
}

/** The devnet's options among the flags. @throws OrlopError `USAGE`. */
export function devnetOptionsOf({ explorerPort }: ExplorerFlags): DevnetOptions {
  const port = Number(explorerPort)
  if (/^\d+$/.test(explorerPort) && port <= MAX_PORT) return { explorerPort: port }
  throw new OrlopError(
    'USAGE',
    `'${explorerPort}' is no port. Give --explorer-port a number from 0 to ${MAX_PORT}.`,
  )
}

async function up(context: CliContext, flags: CommonFlags & ExplorerFlags): Promise<void> {
  const layout = new HomeLayout(context.home)
  const devnet = new Devnet(layout)
  const options = devnetOptionsOf(flags)
  const state = await bringUp({ context, devnet, layout, options })
  printResult(
    context,
    state,
    () =>
      `The network is up. Store something: orlop put FILE\nThe explorer: ${state.explorerUrl ?? '-'}\nFiles put into ${layout.voyageFolder} are stored by the ship's agent.`,
  )
}

interface BringUp {
  context: CliContext
  devnet: Devnet
  layout: HomeLayout
  options: DevnetOptions
}

/** Brings the network, the shore client and the ship's agent up; what fails takes everything down again. */
export async function bringUp({ context, devnet, layout, options }: BringUp) {
  const state = await devnet.up((line) => context.stderr.write(`${line}\n`), options)
  try {
    const shoreClientId = await settleShoreClient(context, layout)
    await startAgent(devnet, layout, shoreClientId)
  } catch (error) {
    await devnet.down()
    throw error
  }
  return state
}

async function down(context: CliContext): Promise<void> {
  const ended = await new Devnet(new HomeLayout(context.home)).down()
  printResult(context, ended, () =>
    ended.ended === 0
      ? 'Nothing was running.'
      : `Ended ${ended.ended} processes${ended.killed === 0 ? '' : `, ${ended.killed} of them by force`}.`,
  )
}

function status(context: CliContext): void {
  const state = new Devnet(new HomeLayout(context.home)).state()
  const processes = (state?.processes ?? []).map((record) => ({
    ...record,
    isRunning: isRunning(record),
  }))
  const isUp = state?.isReady === true && processes.every((one) => one.isRunning)
  const { rpcUrl = null, explorerUrl = null } = state ?? {}
  printResult(context, { isUp, rpcUrl, explorerUrl, processes }, () => {
    if (state === null || processes.length === 0)
      return 'Not running. Start it with: orlop devnet up'
    const rows = processes.map(({ name, pid, isRunning: runs }) => [
      name,
      String(pid),
      runs ? 'running' : 'ended',
    ])
    return `${isUp ? 'Up' : 'Not wholly up'} since ${formatTime(state.startedMs)}, ledger at ${rpcUrl ?? '-'}, explorer at ${explorerUrl ?? '-'}\n${formatTable(['PART', 'PID', 'STATE'], rows)}`
  })
}
