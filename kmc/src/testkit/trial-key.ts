import { encodeHex, randomBytes } from '@orlop/crypto/bytes'
import type { KeyName } from '../keys/keys.ts'
import { releaseDigest, signReleaseRequest } from '@orlop/crypto/keys/release-request'
import { type Release, unwrapRelease } from '@orlop/crypto/keys/key-release'
import type { RootRecord } from '../root/root-record.ts'
import type { ReplicaSet } from './replica-set.ts'
import { ReplicaError } from './replica.ts'
import type { ReplicaTask } from './replica-child.ts'
import type { TestRequester } from './test-centre.ts'

/** After these nobody knows whether the task was done, or it was not. */
const UNKNOWN: readonly string[] = [
  'REPLICA_GONE',
  'STORE_OUTCOME_UNKNOWN',
  'STORE_NO_QUORUM',
  'STORE_UNREACHABLE',
  'CONFLICT',
]
/** What a repeated task is told when its first try was done; a rotation is done once more. */
const DONE_BEFORE: Partial<Record<ReplicaTask['type'], string>> = {
  generate: 'ALREADY_EXISTS',
  activate: 'KEY_STATE',
  revoke: 'KEY_STATE',
}

/** How often something was done at least, and at most. */
export interface Done {
  sure: number
  maybe: number
}

/** What a trial's key lives with. */
export interface TrialKeyOptions {
  readonly replicas: ReplicaSet
  readonly record: RootRecord
  readonly requester: TestRequester
  readonly name: KeyName
  /** Called for each acknowledged task. */
  readonly acknowledged: () => void
}

/** One key through its whole life, every step at the next replica, and what is certain of it. */
export class TrialKey {
  readonly name: KeyName
  readonly done: Partial<Record<ReplicaTask['type'], Done>> = {}
  readonly #options: TrialKeyOptions
  readonly #bytesByVersion = new Map<number, string>()

  constructor(options: TrialKeyOptions) {
    this.#options = options
    this.name = options.name
  }

  /** @throws Error when a replica answers what cannot be. */
  async live(): Promise<void> {
    const { name } = this
    await this.#do(() => ({ type: 'generate', name }))
    await this.#do(() => ({ type: 'activate', name }))
    for (const type of ['release', 'rotate', 'release', 'rotate', 'release'] as const) {
      if (type === 'rotate') await this.#do(() => ({ type, name }))
      else await this.#release()
    }
    await this.#do(() => ({ type: 'revoke', name }))
    await this.#beRefused()
  }

  /** Fewest and most versions that there can be. */
  get versions(): { readonly least: number; readonly most: number } {
    const { sure, maybe } = this.done.rotate ?? { sure: 0, maybe: 0 }
    return { least: 1 + sure, most: 1 + sure + maybe }
  }

  async #release(): Promise<void> {
    const { requester, record } = this.#options
    const least = this.versions.least
    let digest: Uint8Array = new Uint8Array()
    const { release } = await this.#do(() => {
      const signed = this.#sign()
      digest = releaseDigest(record.set.setId, signed.request)
      return { type: 'release', signed }
    })
    if (release === undefined) throw new Error('a release without a key')
    const { version } = release
    const bytes = unwrapRelease({
      release,
      requestDigest: digest,
      secretKey: requester.openingSecret,
      signer: record.signer,
    })
    const known = this.#bytesByVersion.get(version)
    this.#bytesByVersion.set(version, encodeHex(bytes))
    if (known !== undefined && known !== encodeHex(bytes)) throw this.#wrong('has changed bytes')
    if (version < least || version > this.versions.most) {
      throw this.#wrong(`was released in version ${version}`)
    }
  }

  /** What one replica revoked, the next gives nobody, at once. */
  async #beRefused(): Promise<void> {
    for (;;) {
      const task = { type: 'release', signed: this.#sign() } as const
      const code = await this.#options.replicas
        .next()
        .ask(task)
        .then(() => 'nothing')
        .catch(codeOf)
      if (UNKNOWN.includes(code)) continue
      if (code !== 'KEY_STATE') throw this.#wrong(`is revoked, and a release met ${code}`)
      this.#options.acknowledged()
      return
    }
  }

  /** Asks until it is acknowledged, each time at the next replica. */
  async #do(makeTask: () => ReplicaTask): Promise<{ readonly release?: Release }> {
    for (let tries = 1; ; tries++) {
      const task = makeTask()
      const done = (this.done[task.type] ??= { sure: 0, maybe: 0 })
      try {
        const answer = await this.#options.replicas.next().ask(task)
        done.sure += 1
        this.#options.acknowledged()
        return answer
      } catch (error) {
        const code = codeOf(error)
        if (UNKNOWN.includes(code)) done.maybe += 1
        else if (tries > 1 && code === DONE_BEFORE[task.type]) return {}
        else throw this.#wrong(`${task.type} met ${code}`, error)
      }
    }
  }

  #sign() {
    const { requester, record } = this.#options
    const request = {
      ...this.name,
      requesterId: requester.requesterId,
      purpose: 'open',
      version: null,
      requestId: randomBytes(16),
      timeMs: Date.now(),
    } as const
    return signReleaseRequest(record.set.setId, request, requester.signingSecret)
  }

  #wrong(what: string, cause?: unknown): Error {
    return new Error(`the key ${this.name.appId}/${this.name.keyId} ${what}`, { cause })
  }
}

function codeOf(error: unknown): string {
  if (error instanceof ReplicaError) return error.code
  throw error
}
