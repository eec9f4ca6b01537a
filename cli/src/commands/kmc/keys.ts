import type { Command } from 'commander'
import { writeFile } from 'node:fs/promises'
import { CENTRE_ROUTES } from '@orlop/kmc/api/centre-routes'
import { destructionJson } from '@orlop/kmc/api/centre-values'
import type { Answer } from '@orlop/kmc/api/route'
import { algorithmSchema } from '@orlop/kmc/keys/records'
import type { Commands } from '../../commands.ts'
import type { CliContext } from '../../context.ts'
import { describe, describeGroup } from '../../define-command.ts'
import { formatTable, formatTime, printResult } from '../../output.ts'
import { parseChoice } from '../../parse-options.ts'
import { type CentreFlags, withCentre, withCentreFlags } from './centre-flags.ts'
import { destroyAll, type DestroyFlags } from './destroy-application.ts'
import { readAll } from './read-all.ts'

type Key = Answer<typeof CENTRE_ROUTES.key>

interface NewFlags extends CentreFlags {
  algorithm: string
  activate?: boolean
}

const ACTS = {
  activate: [CENTRE_ROUTES.activateKey, 'let those whom the policy names have it', 'is active'],
  rotate: [
    CENTRE_ROUTES.rotateKey,
    'add a version, which seals from now on; older ones only open',
    'has a new version',
  ],
  revoke: [
    CENTRE_ROUTES.revokeKey,
    'stop its release at once and for good',
    'is given out no more',
  ],
} as const

/** `kmc key …` and `kmc destroy`. */
export function addKeys(kmc: Command, { action }: Commands): void {
  const key = describeGroup(kmc.command('key'), {
    summary: 'keys of applications',
    example: 'orlop kmc key new voyage',
  })
  const add = (name: string, summary: string, example: string) =>
    withCentreFlags(describe(key.command(name), { summary, example }))
  add('new <app> <key>', 'make a key', 'orlop kmc key new voyage log --activate')
    .option('--algorithm <suite>', `one of ${algorithmSchema.options.join(', ')}`, 'aes-256-gcm')
    .option('--activate', 'let those whom the policy names have it at once')
    .action(action(generate))
  for (const [name, [route, summary, done]] of Object.entries(ACTS)) {
    add(`${name} <app> <key>`, summary, `orlop kmc key ${name} voyage log`).action(
      action(async (context, appId: string, keyId: string, flags: CentreFlags) => {
        const changed = await withCentre(context, flags, (client) =>
          client.ask(route, { params: { appId, keyId } }),
        )
        printResult(context, changed, () => `The key ${appId}/${keyId} ${done}.`)
      }),
    )
  }
  add(
    'get <app> <key>',
    'what is known of it; never its bytes',
    'orlop kmc key get voyage log',
  ).action(action(get))
  add('list <app>', 'all keys of an application', 'orlop kmc key list voyage').action(action(list))
  withCentreFlags(
    describe(kmc.command('destroy <app> [key]'), {
      summary:
        'destroy a revoked key for good, here and in every backup; without a name, all keys of a revoked application',
      example:
        'orlop kmc key revoke voyage log\norlop kmc destroy voyage log --statement log.json\norlop kmc app revoke voyage\norlop kmc destroy voyage --statement voyage.json',
    }),
  )
    .option('--statement <file>', 'write what the centre signs about it there')
    .action(
      action((context, appId: string, keyId: string | undefined, flags: DestroyFlags) =>
        keyId === undefined
          ? destroyAll(context, appId, flags)
          : destroy(context, appId, keyId, flags),
      ),
    )
}

async function generate(
  context: CliContext,
  appId: string,
  keyId: string,
  flags: NewFlags,
): Promise<void> {
  const algorithm = parseChoice('--algorithm', algorithmSchema.enum, flags.algorithm)
  const made = await withCentre(context, flags, async (client) => {
    const params = { appId }
    const key = await client.ask(CENTRE_ROUTES.generateKey, { params, body: { keyId, algorithm } })
    if (flags.activate !== true) return key
    return client.ask(CENTRE_ROUTES.activateKey, { params: { appId, keyId } })
  })
  printResult(context, made, () => `The key ${appId}/${keyId} was made and is ${made.state}.`)
}

async function get(
  context: CliContext,
  appId: string,
  keyId: string,
  flags: CentreFlags,
): Promise<void> {
  const found = await withCentre(context, flags, (client) =>
    client.ask(CENTRE_ROUTES.key, { params: { appId, keyId } }),
  )
  printResult(context, found, () => table([found]))
}

async function list(context: CliContext, appId: string, flags: CentreFlags): Promise<void> {
  const all = await withCentre(context, flags, (client) =>
    readAll(
      async (after) =>
        (await client.ask(CENTRE_ROUTES.keys, { params: { appId }, query: { ...after } })).items,
      ({ keyId }) => keyId,
    ),
  )
  printResult(context, all, () => (all.length === 0 ? 'There are no keys.' : table(all)))
}

async function destroy(
  context: CliContext,
  appId: string,
  keyId: string,
  flags: DestroyFlags,
): Promise<void> {
  const [remade, statement] = await withCentre(context, flags, async (client) => {
    const { items } = await client.ask(CENTRE_ROUTES.backups, {})
    const holding = items
      .filter(({ keys }) => keys.some((key) => key.appId === appId && key.keyId === keyId))
      .map(({ backupId }) => backupId)
    if (holding.length > 0 && !context.json) {
      context.stderr.write(`Backups that hold it and are made anew: ${holding.join(', ')}\n`)
    }
    const params = { appId, keyId }
    return [holding, await client.ask(CENTRE_ROUTES.destroyKey, { params })] as const
  })
  if (flags.statement !== undefined) {
    const text = JSON.stringify(destructionJson.encode(statement), null, 2)
    await writeFile(flags.statement, `${text}\n`)
  }
  printResult(context, { ...statement, remadeBackups: remade }, () =>
    [
      `The key ${appId}/${keyId} is destroyed with its ${statement.versions} versions. What only it opens is gone.`,
      statement.isAnchored
        ? 'The ledger has the statement.'
        : 'The statement is not on the ledger yet; the next anchor of the audit log covers it.',
      `${remade.length} backups were made anew without it. Copies of older ones that you keep elsewhere still hold it: destroy them too.`,
    ].join('\n'),
  )
}

function table(all: readonly Key[]): string {
  return formatTable(
    ['KEY', 'STATE', 'ALGORITHM', 'VERSIONS', 'NEWEST'],
    all.map(({ keyId, state, algorithm, versions }) => [
      keyId,
      state,
      algorithm,
      String(versions.length),
      formatTime(versions.at(-1) ?? 0),
    ]),
  )
}
