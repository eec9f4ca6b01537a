import type { Command } from 'commander'
import { CENTRE_ROUTES } from '@orlop/kmc/api/centre-routes'
import type { Answer } from '@orlop/kmc/api/route'
import { POLICY_LIMITS, type Policy, algorithmSchema } from '@orlop/kmc/keys/records'
import { parseOpeningKey } from '@orlop/client-sdk/index'
import { decodeHex } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'
import type { Commands } from '../../commands.ts'
import type { CliContext } from '../../context.ts'
import { describe, describeGroup } from '../../define-command.ts'
import { formatTable, formatTime, printResult } from '../../output.ts'
import { parseWhole } from '../../parse-options.ts'
import { type CentreFlags, withCentre, withCentreFlags } from './centre-flags.ts'
import { readAll } from './read-all.ts'

type Application = Answer<typeof CENTRE_ROUTES.application>

interface PolicyFlags extends CentreFlags {
  requester?: string[]
  algorithm?: string[]
  maxKeys?: string
  maxReleasesPerHour?: string
  maxOperationsPerMinute?: string
}

const DEFAULTS = { maxKeys: '100', maxReleasesPerHour: '1000' }

/** `kmc app …`. */
export function addApplications(kmc: Command, { action, collect }: Commands): void {
  const app = describeGroup(kmc.command('app'), {
    summary: 'applications',
    example: 'orlop kmc app create voyage',
  })
  const add = (name: string, summary: string, example: string) =>
    withCentreFlags(describe(app.command(name), { summary, example }))
  const withPolicy = (command: Command) =>
    command
      .option(
        '--requester <id=signer,key>',
        'who may obtain its keys: a name, and what its whoami shows as signer and opening key; may be repeated',
        collect,
      )
      .option(
        '--algorithm <suite>',
        'what its keys are for; may be repeated (default: all)',
        collect,
      )
      .option('--max-keys <count>', `keys in all (default: ${DEFAULTS.maxKeys})`)
      .option(
        '--max-releases-per-hour <count>',
        `keys given out in an hour (default: ${DEFAULTS.maxReleasesPerHour})`,
      )
      .option(
        '--max-operations-per-minute <count>',
        'operations by the platform’s API in a minute (default: 600)',
      )
  const requester = '--requester bridge=0x5aAe…eAed,orlop-open:3k2…'
  withPolicy(
    add('create <app>', 'add an application', `orlop kmc app create voyage ${requester}`),
  ).action(action(create))
  withPolicy(
    add('policy <app>', 'replace its policy', `orlop kmc app policy voyage ${requester}`),
  ).action(action(setPolicy))
  add('get <app>', 'one application with its policy', 'orlop kmc app get voyage --json').action(
    action(get),
  )
  add('list', 'all applications', 'orlop kmc app list').action(action(list))
  add(
    'revoke <app>',
    'stop every release of its keys, for good',
    'orlop kmc app revoke voyage',
  ).action(action(revoke))
}

async function create(context: CliContext, appId: string, flags: PolicyFlags): Promise<void> {
  const body = { appId, policy: policyOf(flags) }
  const made = await withCentre(context, flags, (client) =>
    client.ask(CENTRE_ROUTES.createApplication, { body }),
  )
  printResult(context, made, () => `The application ${appId} was added.`)
}

async function setPolicy(context: CliContext, appId: string, flags: PolicyFlags): Promise<void> {
  const asked = { params: { appId }, body: policyOf(flags) }
  const changed = await withCentre(context, flags, (client) =>
    client.ask(CENTRE_ROUTES.setPolicy, asked),
  )
  printResult(context, changed, () => `The policy of ${appId} holds from now on.`)
}

async function get(context: CliContext, appId: string, flags: CentreFlags): Promise<void> {
  const found = await withCentre(context, flags, (client) =>
    client.ask(CENTRE_ROUTES.application, { params: { appId } }),
  )
  printResult(context, found, () => {
    const { algorithms, maxKeys, maxReleasesPerHour, requesters } = found.policy
    return [
      table([found]),
      `May hold ${maxKeys} keys for ${algorithms.join(', ')}; ${maxReleasesPerHour} releases an hour.`,
      ...requesters.map(({ requesterId }) => `Requester ${requesterId}`),
    ].join('\n')
  })
}

async function list(context: CliContext, flags: CentreFlags): Promise<void> {
  const all = await withCentre(context, flags, (client) =>
    readAll(
      async (after) =>
        (await client.ask(CENTRE_ROUTES.applications, { query: { ...after } })).items,
      ({ appId }) => appId,
    ),
  )
  printResult(context, all, () => (all.length === 0 ? 'There are no applications.' : table(all)))
}

async function revoke(context: CliContext, appId: string, flags: CentreFlags): Promise<void> {
  const revoked = await withCentre(context, flags, (client) =>
    client.ask(CENTRE_ROUTES.revokeApplication, { params: { appId } }),
  )
  printResult(context, revoked, () => `The application ${appId} gets no keys any more.`)
}

function table(all: readonly Application[]): string {
  return formatTable(
    ['APPLICATION', 'STATE', 'KEYS', 'REQUESTERS', 'SINCE'],
    all.map(({ appId, state, keyCount, policy, createdAtMs }) => [
      appId,
      state,
      String(keyCount),
      String(policy.requesters.length),
      formatTime(createdAtMs),
    ]),
  )
}

function policyOf(flags: PolicyFlags): Policy {
  const { maxKeys = DEFAULTS.maxKeys, maxReleasesPerHour = DEFAULTS.maxReleasesPerHour } = flags
  return {
    requesters: (flags.requester ?? []).map(parseRequester),
    algorithms:
      flags.algorithm === undefined
        ? [...algorithmSchema.options]
        : flags.algorithm.map(parseAlgorithm),
    maxKeys: bounded('--max-keys', maxKeys, POLICY_LIMITS.keys),
    maxReleasesPerHour: bounded(
      '--max-releases-per-hour',
      maxReleasesPerHour,
      POLICY_LIMITS.releasesPerHour,
    ),
    ...(flags.maxOperationsPerMinute === undefined
      ? {}
      : {
          maxOperationsPerMinute: bounded(
            '--max-operations-per-minute',
            flags.maxOperationsPerMinute,
            POLICY_LIMITS.operationsPerMinute,
          ),
        }),
  }
}

function parseAlgorithm(text: string): Policy['algorithms'][number] {
  const parsed = algorithmSchema.safeParse(text)
  if (parsed.success) return parsed.data
  throw new OrlopError(
    'USAGE',
    `--algorithm takes one of ${algorithmSchema.options.join(', ')}; not '${text}'.`,
  )
}

/** `bridge=0x…,KEY`: a name, the address of the ledger key, and the opening key or a card's SM2 key, as `orlop kmc requester` writes it. */
function parseRequester(text: string): Policy['requesters'][number] {
  const match = /^([a-z0-9-]+)=(0x[0-9a-fA-F]{40}),(.+)$/.exec(text)
  const [, requesterId = '', signer = '', openingKey = ''] = match ?? []
  if (match === null) {
    throw new OrlopError(
      'USAGE',
      `--requester '${text}' is not of the form NAME=SIGNER,OPENINGKEY. The requester's 'orlop kmc requester NAME' prints it.`,
    )
  }
  const isOfCard = /^04[0-9a-f]{128}$/.test(openingKey)
  return {
    requesterId,
    signer: decodeHex(signer),
    openingKey: isOfCard ? decodeHex(openingKey) : parseOpeningKey(openingKey),
  }
}

function bounded(option: string, text: string, most: number): number {
  const count = parseWhole(option, text)
  if (count <= most) return count
  throw new OrlopError('USAGE', `${option} takes at most ${most}.`)
}
