import { wipe } from '@orlop/crypto/bytes'
import { appendAudit } from '../audit/audit-log.ts'
import type { Centre } from '../centre.ts'
import { KmcError } from '../kmc-error.ts'
import type { RowDraft } from '../rows/row-draft.ts'
import { getActiveApplication } from './applications.ts'
import { makeKeyMaterial } from './key-material.ts'
import { type KeyAct, nextKeyState } from './key-states.ts'
import {
  type Algorithm,
  applicationPlace,
  checkName,
  decodeKey,
  getApplication,
  getKey,
  type Key,
  keyPlace,
  materialPlace,
  MAX_VERSIONS,
  putRecord,
} from './records.ts'

/** Names a key. */
export interface KeyName {
  readonly appId: string
  readonly keyId: string
}

/** The keys of a centre and their life. Every act is in the audit log, in the transaction that makes it. */
export class Keys {
  readonly #centre: Centre

  constructor(centre: Centre) {
    this.#centre = centre
  }

  /**
   * Makes a key, which nobody gets before it is activated. A name is used once, also when its key is destroyed.
   *
   * @throws KmcError `ALREADY_EXISTS`, `NOT_ALLOWED` by the policy's algorithms, `QUOTA_EXCEEDED`, `RANDOM_REFUSED`, `APP_REVOKED`.
   */
  async generate(actor: string, name: KeyName & { readonly algorithm: Algorithm }): Promise<Key> {
    const { appId, keyId, algorithm } = name
    checkName('keyId', keyId)
    return this.#withNewBytes(algorithm, async (draft, bytes) => {
      const application = await getActiveApplication(draft, appId)
      const { policy, keyCount } = application
      if (!policy.algorithms.includes(algorithm)) throw notAllowed(appId, algorithm)
      if (keyCount >= policy.maxKeys) throw tooMany(`the application '${appId}'`, policy.maxKeys)
      if ((await draft.get(keyPlace(appId, keyId))) !== null) throw nameIsTaken(name)
      const versions = [this.#centre.clock.nowMs()]
      putRecord(draft, applicationPlace(appId), { ...application, keyCount: keyCount + 1 })
      draft.put(materialPlace(appId, keyId, 1), bytes)
      return this.#record(draft, actor, 'key.generate', {
        appId,
        keyId,
        algorithm,
        state: 'generated',
        versions,
      })
    })
  }

  /** Lets those whom the policy names have the key. @throws KmcError `NOT_FOUND`, `KEY_STATE` */
  async activate(actor: string, name: KeyName): Promise<Key> {
    return this.#change(actor, name, 'activate')
  }

  /**
   * Adds a version, which seals from now on; the older ones only open.
   *
   * @throws KmcError `NOT_FOUND`, `KEY_STATE`, `APP_REVOKED`, `RANDOM_REFUSED`, `QUOTA_EXCEEDED` beyond 64 versions.
   */
  async rotate(actor: string, name: KeyName): Promise<Key> {
    const { appId, keyId } = name
    const { algorithm } = await getKey(this.#centre.rows, appId, keyId)
    return this.#withNewBytes(algorithm, async (draft, bytes) => {
      await getActiveApplication(draft, appId)
      const key = await getKey(draft, appId, keyId)
      const state = nextKeyState(key, 'rotate')
      if (key.versions.length >= MAX_VERSIONS) throw tooMany(`the key '${keyId}'`, MAX_VERSIONS)
      const versions = [...key.versions, this.#centre.clock.nowMs()]
      draft.put(materialPlace(appId, keyId, versions.length), bytes)
      return this.#record(draft, actor, 'key.rotate', { ...key, state, versions })
    })
  }

  /** Stops the key's release at once and for good. Who has it in memory keeps it. @throws KmcError `NOT_FOUND`, `KEY_STATE` */
  async revoke(actor: string, name: KeyName): Promise<Key> {
    return this.#change(actor, name, 'revoke')
  }

  /** What is known of a key without its bytes, or null. */
  async get({ appId, keyId }: KeyName): Promise<Key | null> {
    const place = keyPlace(checkName('appId', appId), checkName('keyId', keyId))
    const bytes = await this.#centre.rows.get(place)
    return bytes === null ? null : decodeKey(bytes)
  }

  /** An application's keys by name. @param page - `limit` 1 to 50; `after` is the last name of the page before. */
  async list(appId: string, page: { after?: string; limit: number }): Promise<Key[]> {
    const prefix = keyPlace(checkName('appId', appId), '')
    const { after, limit } = page
    const rows = await this.#centre.rows.list(prefix, {
      limit,
      ...(after === undefined ? {} : { after: prefix + after }),
    })
    return rows.map(({ value }) => decodeKey(value))
  }

  async #change(actor: string, { appId, keyId }: KeyName, act: KeyAct): Promise<Key> {
    return this.#centre.rows.update(async (draft) => {
      await getApplication(draft, appId)
      const key = await getKey(draft, appId, keyId)
      const state = nextKeyState(key, act)
      return this.#record(draft, actor, `key.${act}`, { ...key, state })
    })
  }

  async #withNewBytes(
    algorithm: Algorithm,
    work: (draft: RowDraft, bytes: Uint8Array) => Promise<Key>,
  ): Promise<Key> {
    const { random } = this.#centre
    const bytes = await makeKeyMaterial(algorithm, (length) => random.generate(length))
    try {
      return await this.#centre.rows.update((draft) => work(draft, bytes))
    } finally {
      wipe(bytes)
    }
  }

  async #record(draft: RowDraft, actor: string, act: string, key: Key): Promise<Key> {
    const { appId, keyId, state, versions } = key
    putRecord(draft, keyPlace(appId, keyId), key)
    const details = { appId, keyId, state, version: versions.length }
    await appendAudit(draft, { timeMs: this.#centre.clock.nowMs(), actor, act, details })
    return key
  }
}

function nameIsTaken({ appId, keyId }: KeyName): KmcError {
  return new KmcError(
    'ALREADY_EXISTS',
    `The application '${appId}' has or had a key '${keyId}'. Choose another name.`,
    { details: { appId, keyId } },
  )
}

function notAllowed(appId: string, algorithm: string): KmcError {
  return new KmcError(
    'NOT_ALLOWED',
    `The policy of the application '${appId}' has no keys for ${algorithm}. Change the policy, or choose another algorithm.`,
    { details: { appId, algorithm } },
  )
}

function tooMany(what: string, limit: number): KmcError {
  return new KmcError('QUOTA_EXCEEDED', `More than ${limit} are not possible for ${what}.`, {
    details: { limit },
  })
}
