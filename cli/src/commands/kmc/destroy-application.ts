import { writeFile } from 'node:fs/promises'
import type { CentreClient } from '@orlop/kmc/client/centre-client'
import { CENTRE_ROUTES } from '@orlop/kmc/api/centre-routes'
import { destructionJson } from '@orlop/kmc/api/centre-values'
import type { Answer } from '@orlop/kmc/api/route'
import { KmcError } from '@orlop/kmc/kmc-error'
import type { CliContext } from '../../context.ts'
import { EXIT_FAILED, ToldError } from '../../failure.ts'
import { formatCount, printResult } from '../../output.ts'
import { type CentreFlags, withCentre } from './centre-flags.ts'
import { readAll } from './read-all.ts'

type Key = Answer<typeof CENTRE_ROUTES.key>
type Statement = Answer<typeof CENTRE_ROUTES.destruction>

/** What `kmc destroy` takes. */
export interface DestroyFlags extends CentreFlags {
  statement?: string
}

/** A key that is not destroyed yet, and why. */
interface Failed {
  readonly keyId: string
  readonly code: string
  readonly message: string
}

/**
 * Destroys all keys of a revoked application. What fails is told, and the others are destroyed all the same; asked again, it goes on.
 *
 * @throws KmcError `NOT_FOUND`; `KEY_STATE` while the application is active; ToldError when a key is left.
 */
export async function destroyAll(
  context: CliContext,
  appId: string,
  flags: DestroyFlags,
): Promise<void> {
  const { statements, failed } = await withCentre(context, flags, async (client) => {
    await assertRevoked(client, appId)
    return destroyEach(client, await keysOf(client, appId))
  })
  if (flags.statement !== undefined) {
    const all = statements.map((one) => destructionJson.encode(one))
    await writeFile(flags.statement, `${JSON.stringify(all, null, 2)}\n`)
  }
  printResult(context, { appId, statements, failed }, () =>
    [
      `${formatCount(statements.length, 'key')} of ${appId} destroyed, here and in every backup. What only they open is gone.`,
      ...failed.map(({ keyId, message }) => `Not ${keyId}: ${message}`),
      'Copies of older backups that you keep elsewhere still hold them: destroy them too.',
    ].join('\n'),
  )
  if (failed.length > 0) throw new ToldError(EXIT_FAILED)
}

async function assertRevoked(client: CentreClient, appId: string): Promise<void> {
  const { state } = await client.ask(CENTRE_ROUTES.application, { params: { appId } })
  if (state === 'revoked') return
  throw new KmcError(
    'KEY_STATE',
    `The application '${appId}' is active. All its keys are destroyed only when it is revoked: orlop kmc app revoke ${appId}`,
    { details: { appId } },
  )
}

async function keysOf(client: CentreClient, appId: string): Promise<Key[]> {
  return readAll(
    async (after) =>
      (await client.ask(CENTRE_ROUTES.keys, { params: { appId }, query: { ...after } })).items,
    ({ keyId }) => keyId,
  )
}

/** Destroys keys one after the other, those that fail left out. */
async function destroyEach(client: CentreClient, keys: readonly Key[]) {
  const statements: Statement[] = []
  const failed: Failed[] = []
  for (const key of keys) {
    try {
      statements.push(await destroyOne(client, key))
    } catch (error) {
      if (!(error instanceof KmcError)) throw error
      failed.push({ keyId: key.keyId, code: error.code, message: error.message })
    }
  }
  return { statements, failed }
}

async function destroyOne(client: CentreClient, key: Key): Promise<Statement> {
  const { appId, keyId, state } = key
  const params = { appId, keyId }
  if (state === 'destroyed') return client.ask(CENTRE_ROUTES.destruction, { params })
  if (state === 'generated' || state === 'active') {
    await client.ask(CENTRE_ROUTES.revokeKey, { params })
  }
  return client.ask(CENTRE_ROUTES.destroyKey, { params })
}
