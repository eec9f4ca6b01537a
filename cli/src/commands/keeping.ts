import { RATING_CAUSES } from '@orlop/protocol/messages/keeping'
import { OrlopError } from '@orlop/protocol/errors'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe } from '../define-command.ts'
import { withClient } from '../open-client.ts'
import { formatCount, printResult } from '../output.ts'
import { parseChoice, parseTime, parseWhole } from '../parse-options.ts'
import type { Commands } from '../commands.ts'

/** `rate`, `extend`, `rm`. */
export function addKeeping({ program, action }: Commands): void {
  describe(program.command('rate <object>'), {
    summary: 'rate a node for storing an object; instead of the automatic rating',
    example: 'orlop rate orlop:abc… --node A03 --score 2 --cause slow',
  })
    .requiredOption('--node <name>', 'one of the object’s nodes')
    .requiredOption('--score <score>', '1 (bad) to 5 (good)')
    .option(
      '--cause <cause>',
      `the reason the ledger shows: ${Object.keys(RATING_CAUSES).join(', ')}`,
      'client-judgement',
    )
    .action(action(rate))
  describe(program.command('extend <object>'), {
    summary: 'keep an object longer',
    example: 'orlop extend orlop:abc… --until 2031-01-01',
  })
    .requiredOption('--until <time>', 'later than now agreed')
    .action(action(extend))
  describe(program.command('rm <object>'), {
    summary: 'give an object up, for good: its nodes delete it',
    example: 'orlop rm orlop:abc…',
  }).action(action(remove))
}

async function rate(
  context: CliContext,
  objectId: string,
  flags: CommonFlags & { node: string; score: string; cause: string },
): Promise<void> {
  const score = parseWhole('--score', flags.score)
  if (score < 1 || score > 5) throw new OrlopError('USAGE', '--score takes 1 (bad) to 5 (good).')
  const cause = parseChoice('--cause', RATING_CAUSES, flags.cause)
  const nodeId = await withClient(context, async (client) => {
    const nodes = await client.nodes({ signal: context.signal })
    const node = nodes.find(
      ({ name, nodeId }) => name === flags.node || String(nodeId) === flags.node,
    )
    if (node === undefined)
      throw new OrlopError('USAGE', `There is no node ${flags.node}. 'orlop nodes' lists them.`)
    await client.rate({ objectId, nodeId: node.nodeId, score, cause }, { signal: context.signal })
    return node.nodeId
  })
  printResult(
    context,
    { objectId, nodeId, score, cause },
    () => `Rated ${flags.node} with ${score} (${cause}). The ledger shows it soon: orlop nodes`,
  )
}

async function extend(
  context: CliContext,
  objectId: string,
  flags: CommonFlags & { until: string },
): Promise<void> {
  const expiry = Math.floor(parseTime('--until', flags.until) / 1000)
  const told = await withClient(context, (client) =>
    client.extend({ objectId, expirySeconds: expiry }, { signal: context.signal }),
  )
  printResult(
    context,
    told,
    () =>
      `${told.objectId} is kept until ${new Date(expiry * 1000).toISOString()} by ${formatCount(told.nodeIds.length, 'node')}.`,
  )
}

async function remove(context: CliContext, objectId: string): Promise<void> {
  const told = await withClient(context, (client) =>
    client.remove({ objectId }, { signal: context.signal }),
  )
  const waiting =
    told.waitingNodeIds.length === 0
      ? ''
      : ` ${told.waitingNodeIds.length} more will be told once back.`
  printResult(
    context,
    told,
    () => `${told.objectId} is removed from ${formatCount(told.nodeIds.length, 'node')}.${waiting}`,
  )
}
