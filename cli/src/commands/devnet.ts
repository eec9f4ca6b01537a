import type { CliContext } from '../context.ts'
import { describe } from '../define-command.ts'
import { exampleText } from '../help.ts'
import { Devnet } from '../devnet/devnet.ts'
import { HomeLayout } from '../devnet/layout.ts'
import { settleShoreClient, startAgent } from '../devnet/parties.ts'
import { isRunning } from '../devnet/process-record.ts'
import { formatTable, formatTime, printResult } from '../output.ts'
import type { Commands } from '../commands.ts'

export function addDevnet({ program, action }: Commands): void {
  const devnet = program
    .command('devnet')
    .summary('a whole network on this machine: ledger, eight nodes, an agent')
    .description('a whole network on this machine: ledger, eight nodes, an agent')
    .addHelpText('after', exampleText('orlop devnet up\norlop devnet status'))
  describe(devnet.command('up'), {
    summary: 'start it, return when it is ready, leave it running',
    example: 'orlop devnet up && orlop put README.md',
  }).action(action(up))
  describe(devnet.command('down'), {
    summary: 'end exactly what it started; everything stored is kept',
    example: 'orlop devnet down',
  }).action(action(down))
  describe(devnet.command('status'), {
    summary: 'what runs, since when',
    example: 'orlop devnet status --json',
  }).action(action(status))
}

async function up(context: CliContext): Promise<void> {
  const layout = new HomeLayout(context.home)
  const devnet = new Devnet(layout)
  const state = await bringUp(context, devnet, layout)
  printResult(
    context,
    state,
    () =>
      `The network is up. Store something: orlop put FILE\nFiles put into ${layout.voyageFolder} are stored by the ship's agent.`,
  )
}

/** Brings the network, the shore client and the ship's agent up; what fails takes everything down again. */
export async function bringUp(context: CliContext, devnet: Devnet, layout: HomeLayout) {
  const state = await devnet.up((line) => context.stderr.write(`${line}\n`))
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
  printResult(context, { isUp, rpcUrl: state?.rpcUrl ?? null, processes }, () => {
    if (state === null || processes.length === 0)
      return 'Not running. Start it with: orlop devnet up'
    const rows = processes.map(({ name, pid, isRunning: runs }) => [
      name,
      String(pid),
      runs ? 'running' : 'ended',
    ])
    return `${isUp ? 'Up' : 'Not wholly up'} since ${formatTime(state.startedMs)}, ledger at ${state.rpcUrl ?? '-'}\n${formatTable(['PART', 'PID', 'STATE'], rows)}`
  })
}
