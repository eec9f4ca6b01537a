import type { Command } from 'commander'
import { CENTRE_ROUTES } from '@orlop/kmc/api/centre-routes'
import { OrlopError } from '@orlop/protocol/errors'
import type { Commands } from '../../commands.ts'
import type { CliContext } from '../../context.ts'
import { describe, describeGroup } from '../../define-command.ts'
import { EXIT_FAILED, ToldError } from '../../failure.ts'
import { formatTime, printResult } from '../../output.ts'
import { type CentreFlags, withCentre, withCentreFlags } from './centre-flags.ts'
import { readShares } from './running.ts'

interface UnsealFlags extends CentreFlags {
  share?: string[]
}

/** `kmc status`, `unseal`, `seal`, `random test`. */
export function addCustody(kmc: Command, { action, collect }: Commands): void {
  const add = (name: string, summary: string, example: string) =>
    withCentreFlags(describe(kmc.command(name), { summary, example }))
  add('status', 'whether the centre is sealed, and how it is', 'orlop kmc status --json').action(
    action(status),
  )
  add(
    'unseal',
    'give a custodian’s share; the last that is needed unseals',
    'orlop kmc unseal --share share.txt --identity identity.pem --url https://keys.fleet.example:8443/',
  )
    .option(
      '--share <file>',
      'a share as the centre wrote it; may be repeated (default: stdin)',
      collect,
    )
    .action(action(unseal))
  add('seal', 'make the centre forget all keys at once', 'orlop kmc seal').action(action(seal))
  const random = describeGroup(kmc.command('random'), {
    summary: 'the random source',
    example: 'orlop kmc random test',
  })
  withCentreFlags(
    describe(random.command('test'), {
      summary: 'test the random source by the rows of GM/T 0005-2021 now',
      example: 'orlop kmc random test',
    }),
  ).action(action(testRandom))
}

async function status(context: CliContext, flags: CentreFlags): Promise<void> {
  const found = await withCentre(context, flags, (client) => client.ask(CENTRE_ROUTES.status, {}))
  printResult(context, found, () => {
    const { seal, random, audit, signer } = found
    const tested = random.testedAtMs === null ? 'never' : formatTime(random.testedAtMs)
    const lines = [
      `Centre   ${hex(found.centreId)}, version ${found.version}`,
      `State    ${sealText(seal)}`,
      `Signs as 0x${hex(signer)}`,
      `Random   ${random.state}, tested ${tested}${random.failures.length > 0 ? `: ${random.failures.join('; ')}` : ''}`,
    ]
    if (audit !== null) lines.push(`Audit    ${audit.count} entries, head ${hex(audit.hash)}`)
    return lines.join('\n')
  })
}

async function unseal(context: CliContext, flags: UnsealFlags): Promise<void> {
  const shares =
    flags.share === undefined ? [await readLine(context)] : await readShares(flags.share)
  const result = await withCentre(context, flags, async (client) => {
    let last = await client.ask(CENTRE_ROUTES.unseal, { body: { share: shares[0] ?? '' } })
    for (const share of shares.slice(1)) {
      last = await client.ask(CENTRE_ROUTES.unseal, { body: { share } })
    }
    return last
  })
  printResult(context, result, () => `The centre is ${sealText(result)}.`)
}

async function seal(context: CliContext, flags: CentreFlags): Promise<void> {
  const result = await withCentre(context, flags, (client) => client.ask(CENTRE_ROUTES.seal, {}))
  const { isRecorded, isCardForgotten } = result
  printResult(context, result, () =>
    [
      isRecorded
        ? 'The centre is sealed. It forgot its keys.'
        : 'This replica is sealed and forgot its keys, but its log does not say so: other replicas were not told. Seal each of them (--url). From the home of one that is off, remove keys-on-card before it starts: a card would unseal it.',
      ...(isCardForgotten
        ? []
        : ['A card may unseal it at its next start: remove keys-on-card from its home.']),
    ].join('\n'),
  )
  if (!isRecorded || !isCardForgotten) throw new ToldError(EXIT_FAILED)
}

async function testRandom(context: CliContext, flags: CentreFlags): Promise<void> {
  const result = await withCentre(context, flags, (client) =>
    client.ask(CENTRE_ROUTES.testRandom, {}),
  )
  printResult(context, result, () => 'The random source has passed.')
}

/** A share from standard input, where it stays out of the shell's history and out of files. */
async function readLine({ stdin }: CliContext): Promise<string> {
  let text = ''
  for await (const part of stdin) text += String(part)
  if (text.trim() !== '') return text.trim()
  throw new OrlopError('USAGE', 'There is no share. Give --share FILE, or the share on stdin.')
}

function sealText({
  state,
  given,
  threshold,
}: {
  readonly state: string
  readonly given: readonly number[]
  readonly threshold: number
}): string {
  return state === 'unsealed' ? state : `${state}: ${given.length} of ${threshold} shares given`
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
