import type { Command } from 'commander'
import { resolve } from 'node:path'
import { CENTRE_ROUTES } from '@orlop/kmc/api/centre-routes'
import type { Commands } from '../../commands.ts'
import type { CliContext } from '../../context.ts'
import { type CommonFlags, describe, describeGroup } from '../../define-command.ts'
import { formatTable, formatTime, printResult } from '../../output.ts'
import { type CentreFlags, kmcHomeOf, withCentre, withCentreFlags } from './centre-flags.ts'
import { startCentre } from './centre-process.ts'
import { readShares } from './running.ts'

interface RestoreFlags extends CommonFlags {
  shares: string[]
  destruction?: string[]
  backups?: string
}

/** `kmc backup …`. */
export function addBackups(kmc: Command, { action, collect }: Commands): void {
  const backup = describeGroup(kmc.command('backup'), {
    summary: 'sealed backups',
    example: 'orlop kmc backup make',
  })
  const add = (name: string, summary: string, example: string) =>
    withCentreFlags(describe(backup.command(name), { summary, example }))
  add('make', 'back up all applications and keys', 'orlop kmc backup make').action(action(make))
  add('list', 'backups, and the keys that they hold', 'orlop kmc backup list --json').action(
    action(list),
  )
  add(
    'forget <backup>',
    'take one that no longer exists off the record; a copy of it could bring keys back',
    'orlop kmc backup forget 0c3f52cf9fd4a61ef14de8a2bd0a9c2e',
  ).action(action(forget))
  describe(backup.command('restore <file>'), {
    summary: 'bring the applications and keys of a lost centre into an empty home',
    example:
      'orlop kmc backup restore 0c3f52cf9fd4a61ef14de8a2bd0a9c2e.kmc-backup --shares 1/share.txt 2/share.txt',
  })
    .requiredOption('--shares <file...>', 'shares of the lost centre, as many as unseal it')
    .option(
      '--destruction <file>',
      'statement of a key that was destroyed since; may be repeated',
      collect,
    )
    .option('--backups <folder>', 'where its backups lie from now on (<home>/backups)')
    .action(action(restore))
}

async function make(context: CliContext, flags: CentreFlags): Promise<void> {
  const made = await withCentre(context, flags, (client) =>
    client.ask(CENTRE_ROUTES.createBackup, {}),
  )
  printResult(context, made, () => `The backup ${made.backupId} lies in the centre's home.`)
}

async function list(context: CliContext, flags: CentreFlags): Promise<void> {
  const { items } = await withCentre(context, flags, (client) =>
    client.ask(CENTRE_ROUTES.backups, {}),
  )
  printResult(context, items, () => {
    if (items.length === 0) return 'There are no backups.'
    const rows = items.map(({ backupId, generation, createdAtMs, keys }) => [
      backupId,
      formatTime(createdAtMs),
      String(generation),
      keys.map(({ appId, keyId }) => `${appId}/${keyId}`).join(', '),
    ])
    return formatTable(['BACKUP', 'MADE', 'GENERATION', 'KEYS'], rows)
  })
}

async function forget(context: CliContext, backupId: string, flags: CentreFlags): Promise<void> {
  const result = await withCentre(context, flags, (client) =>
    client.ask(CENTRE_ROUTES.forgetBackup, { params: { backupId } }),
  )
  printResult(context, result, () => `The backup ${backupId} is off the record.`)
}

async function restore(context: CliContext, file: string, flags: RestoreFlags): Promise<void> {
  const home = kmcHomeOf(context)
  const { facts } = await startCentre<{ centreId: string }>(home, {
    args: [
      ...['--restore', resolve(file)],
      ...(flags.destruction ?? []).flatMap((one) => ['--destruction', resolve(one)]),
      ...(flags.backups === undefined ? [] : ['--backups', resolve(flags.backups)]),
    ],
    shares: await readShares(flags.shares),
    isDetached: false,
  })
  const { centreId } = facts
  const identity = home.administratorIdentity
  printResult(context, { centreId, identity }, () =>
    [
      `The centre ${centreId} is restored in ${home.path}. Start it: orlop kmc up`,
      `${identity} administers it. What was revoked since the backup was made, keys and certificates, must be revoked again.`,
    ].join('\n'),
  )
}
