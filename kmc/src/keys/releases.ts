import { encodeHex, wipe } from '@orlop/crypto/bytes'
import { EPHEMERAL_SECRET_BYTES, type Release, wrapRelease } from '@orlop/crypto/keys/key-release'
import {
  releaseDigest,
  type ReleaseRequest,
  type SignedReleaseRequest,
} from '@orlop/crypto/keys/release-request'
import { isSignedBy } from '@orlop/crypto/keys/signed-by'
import { keyAlgorithm } from '@orlop/protocol/centre/release'
import { appendAudit } from '../audit/audit-log.ts'
import type { Centre } from '../centre.ts'
import { KmcError } from '../kmc-error.ts'
import type { RowDraft } from '../rows/row-draft.ts'
import { getActiveApplication } from './applications.ts'
import { nextKeyState } from './key-states.ts'
import { countRequest } from './key-use.ts'
import {
  type Application,
  getKey,
  type Key,
  materialPlace,
  type Requester,
  type ReleasedAlgorithm,
} from './records.ts'
import { releaseRequestSchema } from './release-request.ts'

/** Gives keys to those whom their application's policy names, wrapped to their own opening key. */
export class Releases {
  readonly #centre: Centre

  constructor(centre: Centre) {
    this.#centre = centre
  }

  /**
   * Answers a request. It is on record when this resolves, with the keys that it was signed by and wrapped to.
   *
   * @param options.certificate - serial number of the certificate that it came with, for the record.
   * @throws KmcError `REQUEST_INVALID`, `NOT_ALLOWED` for who or what the policy does not name, `REQUEST_EXPIRED`, `REQUEST_REPLAYED`,
   *   `QUOTA_EXCEEDED`, `APP_REVOKED`, `KEY_STATE`, `NOT_FOUND`, `CENTRE_SEALED`, `RANDOM_REFUSED`.
   */
  async release(
    signed: SignedReleaseRequest,
    options: { readonly certificate?: string } = {},
  ): Promise<Release<ReleasedAlgorithm>> {
    const request = parseRequest(signed)
    const { centreId } = this.#centre.seal
    const requestDigest = releaseDigest(centreId, request)
    return this.#centre.rows.update(async (draft) => {
      const application = await getActiveApplication(draft, request.appId)
      const requester = findRequester(application, request.requesterId)
      if (!isSignedBy(requester.signer, requestDigest, signed.signature)) {
        throw invalid(`is not signed by the key that the policy names for '${request.requesterId}'`)
      }
      const nowMs = this.#centre.clock.nowMs()
      const key = await getKey(draft, request.appId, request.keyId)
      nextKeyState(key, 'release')
      const algorithm = releasedAlgorithm(key)
      const version = chooseVersion(key, request)
      await countRequest(draft, { application, request, nowMs })
      await appendAudit(draft, {
        timeMs: nowMs,
        actor: `${request.appId}/${request.requesterId}`,
        act: 'key.release',
        details: { ...detailsOf(request, requester, requestDigest), version, ...options },
      })
      return this.#wrap(draft, { key, algorithm, version, requester, requestDigest })
    })
  }

  async #wrap(
    draft: RowDraft,
    { key, algorithm, version, requester, requestDigest }: Chosen,
  ): Promise<Release<ReleasedAlgorithm>> {
    const bytes = await draft.get(materialPlace(key.appId, key.keyId, version))
    if (bytes === null) throw new TypeError('an active key has its bytes')
    try {
      return wrapRelease({
        key: bytes,
        algorithm,
        version,
        isNewest: version === key.versions.length,
        requestDigest,
        openingKey: requester.openingKey,
        ephemeralSecret: await this.#centre.random.generate(EPHEMERAL_SECRET_BYTES),
        signingKey: this.#centre.seal.keys.signingKey,
      })
    } finally {
      wipe(bytes)
    }
  }
}

/** To whom a key went: what the policy said of the requester then, and not only its name. */
function detailsOf(
  { appId, keyId, purpose }: ReleaseRequest,
  { signer, openingKey }: Requester,
  requestDigest: Uint8Array,
) {
  const to = { signer: encodeHex(signer), openingKey: encodeHex(openingKey) }
  return { appId, keyId, purpose, ...to, request: encodeHex(requestDigest) }
}

interface Chosen {
  readonly key: Key
  readonly algorithm: ReleasedAlgorithm
  readonly version: number
  readonly requester: Requester
  readonly requestDigest: Uint8Array
}

function parseRequest({ request }: SignedReleaseRequest): ReleaseRequest {
  const parsed = releaseRequestSchema.safeParse(request)
  if (parsed.success) return parsed.data
  throw invalid('is not of the agreed form', parsed.error)
}

function findRequester({ appId, policy }: Application, requesterId: string): Requester {
  const requester = policy.requesters.find((one) => one.requesterId === requesterId)
  if (requester !== undefined) return requester
  throw new KmcError(
    'NOT_ALLOWED',
    `The policy of the application '${appId}' does not name '${requesterId}'. Its administrator can add it.`,
    { details: { appId, requesterId } },
  )
}

/** @throws KmcError `NOT_ALLOWED` for a key that nobody gets */
function releasedAlgorithm({ keyId, algorithm }: Key): ReleasedAlgorithm {
  const released = keyAlgorithm.safeParse(algorithm)
  if (released.success) return released.data
  throw new KmcError(
    'NOT_ALLOWED',
    `The key '${keyId}' is for ${algorithm}, which only the centre does with it. Ask the platform's API for that.`,
    { details: { keyId, algorithm } },
  )
}

function chooseVersion({ keyId, versions }: Key, { purpose, version }: ReleaseRequest): number {
  const newest = versions.length
  const chosen = version ?? newest
  if (chosen > newest) {
    throw new KmcError('NOT_FOUND', `The key '${keyId}' has ${newest} versions, not ${chosen}.`)
  }
  if (purpose === 'open' || chosen === newest) return chosen
  throw new KmcError(
    'NOT_ALLOWED',
    `Version ${chosen} of the key '${keyId}' only opens; version ${newest} seals. Ask for the newest.`,
    { details: { keyId, version: chosen, newest } },
  )
}

function invalid(what: string, cause?: unknown): KmcError {
  return new KmcError('REQUEST_INVALID', `The request ${what}. Correct it and sign it again.`, {
    cause,
  })
}
