import { DATA_CLASSES, IMPORTANCES } from '@orlop/protocol/data-classes'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe } from '../define-command.ts'
import { describeEntry, formatEntries } from '../object-output.ts'
import { withClient } from '../open-client.ts'
import { formatBytes, formatCredit, formatTable, formatTime, printResult } from '../output.ts'
import { parseChoice, parseLabels, parseTime } from '../parse-options.ts'
import type { Commands } from '../commands.ts'

interface FindFlags extends CommonFlags {
  name?: string
  class?: string
  importance?: string
  label?: string[]
  from?: string
  to?: string
}

/** `ls`, `find`, `nodes`. */
export function addListing({ program, action, collect }: Commands): void {
  describe(program.command('ls'), {
    summary: 'list your objects; names are decrypted on your side only',
    example: 'orlop ls\norlop ls --refresh --json',
  })
    .option(
      '--refresh',
      'read the ledger again for what was stored from elsewhere with the same keys',
    )
    .option('--removed', 'show removed objects too')
    .action(action(list))
  describe(program.command('find'), {
    summary: 'search your own decrypted catalogue; nodes never see a search',
    example:
      'orlop find --name plan --class voyage-plan --from 2022-03-01\norlop find --label voyage=2203-E',
  })
    .option('--name <part>', 'part of the name, in any case')
    .option('--class <class>', 'what the data is')
    .option('--importance <importance>', 'critical, important or routine')
    .option('--label <key=value>', 'label; may be repeated', collect)
    .option('--from <time>', 'made at or after, such as 2022-03-22')
    .option('--to <time>', 'made before')
    .action(action(find))
  describe(program.command('nodes'), {
    summary: 'the storage nodes by the ledger: tier, free space, credit',
    example: 'orlop nodes',
  }).action(action(nodes))
}

async function list(
  context: CliContext,
  flags: CommonFlags & { refresh?: boolean; removed?: boolean },
): Promise<void> {
  const request = { refresh: flags.refresh === true, includeRemoved: flags.removed === true }
  const entries = await withClient(context, (client) =>
    client.list(request, { signal: context.signal }),
  )
  printResult(context, entries.map(describeEntry), () => formatEntries(entries))
}

async function find(context: CliContext, flags: FindFlags): Promise<void> {
  const request = {
    labels: parseLabels(flags.label ?? []),
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(flags.class === undefined
      ? {}
      : { class: parseChoice('--class', DATA_CLASSES, flags.class) }),
    ...(flags.importance === undefined
      ? {}
      : { importance: parseChoice('--importance', IMPORTANCES, flags.importance) }),
    ...(flags.from === undefined ? {} : { fromMs: parseTime('--from', flags.from) }),
    ...(flags.to === undefined ? {} : { toMs: parseTime('--to', flags.to) }),
  }
  const entries = await withClient(context, (client) =>
    client.find(request, { signal: context.signal }),
  )
  printResult(context, entries.map(describeEntry), () =>
    entries.length === 0 ? 'No object matches.' : formatEntries(entries),
  )
}

async function nodes(context: CliContext): Promise<void> {
  const records = await withClient(context, (client) => client.nodes({ signal: context.signal }))
  const inOrder = records.toSorted((left, right) => left.name.localeCompare(right.name))
  printResult(context, inOrder, () =>
    formatTable(
      ['NODE', 'TIER', 'STATE', 'REGION', 'FREE', 'CREDIT', 'RATINGS', 'LAST SEEN', 'PEER'],
      inOrder.map((node) => [
        node.isMaster ? `${node.name} (master)` : node.name,
        node.tier,
        node.state,
        node.region,
        `${formatBytes(node.freeBytes)} of ${formatBytes(node.capacityBytes)}`,
        formatCredit(node.creditMillionths),
        String(node.ratings),
        node.lastSeenMs === 0 ? 'never' : formatTime(node.lastSeenMs),
        node.peerId,
      ]),
    ),
  )
}
