import type {
  ClientListener,
  Custody,
  OrlopClient,
  StoreRequest,
  StoreResult,
} from '@orlop/client-sdk/index'
import { type Treatment, treatmentSchema } from '@orlop/client-sdk/policy/schema'
import { OrlopError } from '@orlop/protocol/errors'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe } from '../define-command.ts'
import { withClient } from '../open-client.ts'
import { openCards, type SealingCardFlags } from '../open-card.ts'
import { formatBytes, printResult } from '../output.ts'
import { parseChoice, parseLabels, parseRecipient, parseWhole } from '../parse-options.ts'
import { Progress } from '../progress.ts'
import { applicationOf, custodyOf } from '../keepers.ts'
import { TRUST_NEW_KEYS } from './sharing.ts'
import type { Commands } from '../commands.ts'

interface PutFlags extends CommonFlags, SealingCardFlags {
  name?: string
  class?: string
  importance?: string
  level?: string
  suite?: string
  copies?: string
  retentionDays?: string
  label?: string[]
  shareWith?: string[]
  trustNewKeys?: boolean
  application?: string
  applicationOnly?: boolean
  custodian?: string[]
  threshold?: string
  custodyKey?: string
  policy?: string
  waitFor: string
}

export function addPut({ program, action, collect }: Commands): void {
  describe(program.command('put <file...>'), {
    summary: 'seal files and store them',
    example:
      'orlop put voyage-plan.txt engine.csv --label voyage=2203-E\norlop put photo.jpg --level 1 --copies 3 --json',
  })
    .option('--name <name>', 'name in the sealed manifest (default: the file’s own)')
    .option('--class <class>', 'what the data is, instead of what its content says')
    .option('--importance <importance>', 'critical, important or routine')
    .option(
      '--level <level>',
      'locks: 1 authenticated cipher, 2 and the chaotic cipher, 3 and a key that others keep',
    )
    .option('--suite <suite>', 'aes-256-gcm, xchacha20-poly1305, sm4-ctr-hmac-sm3 or sm4-gcm')
    .option('--copies <count>', 'how many nodes hold it, 2 to 16')
    .option('--retention-days <days>', 'how long it is kept')
    .option('--label <key=value>', 'label to find it by; may be repeated', collect)
    .option(
      '--share-with <client>',
      'client that may open it too, by its number or as NUMBER=KEY; may be repeated',
      collect,
    )
    .option('--trust-new-keys', TRUST_NEW_KEYS)
    .option(
      '--custodian <client>',
      'level 3: keeps a share of the key, by its number or as NUMBER=KEY; repeat for each',
      collect,
    )
    .option('--threshold <count>', 'how many of the custodians open the file together')
    .option(
      '--custody-key <file>',
      'level 3: SM2 public key (PEM) of a card, or of those who hold its private key together',
    )
    .option('--application <app>', 'an application that may open it, as APP or APP/KEY')
    .option(
      '--application-only',
      'nobody but the application opens it, you neither: lost for good when its key is destroyed',
    )
    .option('--policy <file>', 'policy file instead of the default for ship data')
    .option(
      '--card <address>',
      'seal with a card: sdf:LIBRARY, pkcs11:LIBRARY?token=LABEL, or auto; repeat for one that goes on when the first fails; see docs/cards.md',
      collect,
    )
    .option(
      '--card-policy <policy>',
      'where no card can: preferred lets software do it, required does not',
    )
    .option('--wait-for <state>', 'come back when stored, recorded or final', 'stored')
    .action(action(put))
}

async function put(context: CliContext, files: string[], flags: PutFlags): Promise<void> {
  const request = await requestOf(flags)
  if (flags.name !== undefined && files.length > 1) {
    throw new OrlopError(
      'USAGE',
      '--name goes with one file. Store the files one by one, or leave it out.',
    )
  }
  const cards = await openCards(context, flags)
  try {
    const results = await withClient(
      context,
      (client) => storeAll(client, { context, files, request }),
      { cards, ...(flags.policy === undefined ? {} : { policyFile: flags.policy }) },
    )
    printResult(context, files.length === 1 ? results[0] : results, () =>
      results.map(describeStored).join('\n'),
    )
  } finally {
    await cards.close()
  }
}

type StoreOptions = Omit<StoreRequest, 'source'>

async function requestOf(flags: PutFlags): Promise<StoreOptions> {
  const { custody, custodians } = await custodyOf(flags)
  return {
    overrides: overridesOf({ ...flags, custody }),
    custodians,
    ...applicationOf(flags),
    recipients: (flags.shareWith ?? []).map((text) => parseRecipient('--share-with', text)),
    trustNewKeys: flags.trustNewKeys === true,
    waitFor: parseChoice('--wait-for', { stored: 1, recorded: 2, final: 3 }, flags.waitFor),
    ...(flags.name === undefined ? {} : { name: flags.name }),
  }
}

interface StoreAllRequest {
  context: CliContext
  files: readonly string[]
  request: StoreOptions
}

async function storeAll(
  client: OrlopClient,
  { context, files, request }: StoreAllRequest,
): Promise<StoreResult[]> {
  const stored: StoreResult[] = []
  for (const path of files) {
    const progress = new Progress(context)
    const onProgress: ClientListener = (event) => {
      progress.listener(event)
      if (event.type !== 'card-lost') return
      const next = event.next === null ? 'software' : `card ${event.next}`
      context.stderr.write(`orlop: ${path}: ${next} goes on, because ${event.reason}\n`)
    }
    try {
      const { signal } = context
      stored.push(await client.store({ ...request, source: { path } }, { signal, onProgress }))
    } finally {
      progress.end()
    }
  }
  return stored
}

/** Options that go before the policy. @throws OrlopError `USAGE` naming the option that is wrong. */
function overridesOf(flags: PutFlags & { custody: Custody | undefined }): Treatment {
  const wanted = {
    class: flags.class,
    importance: flags.importance,
    level: flags.level && parseWhole('--level', flags.level),
    custody: flags.custody,
    suite: flags.suite,
    copies: flags.copies && parseWhole('--copies', flags.copies),
    retentionDays: flags.retentionDays && parseWhole('--retention-days', flags.retentionDays),
    labels: flags.label && parseLabels(flags.label),
  }
  const given = Object.fromEntries(
    Object.entries(wanted).filter(([, value]) => value !== undefined),
  )
  if (given['level'] === 3 && flags.custody === undefined && flags.policy === undefined) {
    throw new OrlopError(
      'LEVEL_UNSUPPORTED',
      'Level 3 needs somebody who keeps the key: --custodian and --threshold, --custody-key, or a --policy that says so. Or use level 2, which is the default.',
    )
  }
  const parsed = treatmentSchema.safeParse(given)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(
    ({ path, message }) => `  ${optionOf(String(path[0]))}: ${message}`,
  )
  throw new OrlopError('USAGE', `These options cannot be used:\n${problems.join('\n')}`)
}

/** `retentionDays` as `--retention-days`; labels are given one by one. */
function optionOf(setting: string): string {
  const name = setting === 'labels' ? 'label' : setting
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

function describeStored(result: StoreResult): string {
  const nodes = result.strips.map(({ nodeName }) => nodeName).join(', ')
  return [
    result.objectId,
    `  ${result.name}: ${result.class}, ${result.importance}, level ${result.level} (${result.cipherPath})`,
    `  ${formatBytes(result.plainBytes)} plain, ${formatBytes(result.sealedBytes)} sealed, ${formatBytes(result.wireBytes.sentBytes)} sent to ${result.ingress.name}`,
    `  sealed by ${result.sealedBy}`,
    `  ${result.state} on ${nodes}`,
  ].join('\n')
}
