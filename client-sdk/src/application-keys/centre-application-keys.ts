import { X509Certificate } from 'node:crypto'
import * as z from 'zod'
import { decodeHex, encodeHex, randomBytes } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import {
  confirmRelease,
  type ReleaseAnswer,
  sm2WrappedRelease,
  unwrapRelease,
} from '@orlop/crypto/keys/key-release'
import {
  releaseDigest,
  type ReleaseRequest,
  signReleaseRequest,
} from '@orlop/crypto/keys/release-request'
import { CentreLinkError, type CentreReply } from '@orlop/protocol/centre/centre-link'
import type { Identity } from '@orlop/protocol/centre/identity'
import { hexBytes } from '@orlop/protocol/centre/hex-bytes'
import {
  RELEASE_PATH,
  releaseJson,
  releaseRequestJson,
  STATUS_PATH,
} from '@orlop/protocol/centre/release'
import { type Clock, systemClock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import type { KeySet } from '../keyring/key-set.ts'
import type {
  ApplicationKey,
  ApplicationKeyName,
  ApplicationKeyOptions,
  ApplicationKeys,
} from './application-keys.ts'
import type { CardReleaseOpener } from './card-release-opener.ts'
import { refusedKey } from './refused-key.ts'
import { RenewingLink } from './renewing-link.ts'

const statusJson = z.object({ centreId: hexBytes(16), signer: hexBytes(20) })
const problemJson = z.object({ detail: z.string(), code: z.string() })
/** What the centre may answer otherwise a moment later. */
const LATER = new Set([
  ...['CENTRE_SEALED', 'CONFLICT', 'QUOTA_EXCEEDED', 'RANDOM_NOT_TESTED', 'RANDOM_REFUSED'],
  'STORE_CLOSED',
])

/** What {@link CentreApplicationKeys} needs. */
export interface CentreApplicationKeysOptions {
  /** Where the centre serves: `https://…`. */
  readonly url: string
  /** Of the application, from the centre's authority. */
  readonly identity: Identity
  /** By this name the application's policy knows this client. */
  readonly requesterId: string
  /** The keys that the policy names: the ledger key signs requests, released keys are wrapped to the opening key. */
  readonly keySet: KeySet
  /** Opens keys that are wrapped to a card's key, where the policy names that; closed with the application keys. */
  readonly opener?: CardReleaseOpener
  readonly clock?: Clock
  /** Keeps the identity whose certificate was renewed, in the last third of its life; without it nothing is renewed. */
  readonly onRenewed?: (identity: Identity) => Promise<void>
}

/**
 * Obtains an application's keys from its key management centre, anew for each use: nothing is kept, so that what is revoked is refused at
 * once, and every use of a key is in the centre's audit log. Not for pages: browsers show no certificate of ours.
 */
export class CentreApplicationKeys implements ApplicationKeys {
  readonly centreId: Uint8Array
  readonly #options: CentreApplicationKeysOptions
  readonly #link: RenewingLink
  #signer: Uint8Array | null = null
  #isClosed = false

  /** No connection is made before a key is asked for. @throws OrlopError `CONFIG_INVALID` when the identity is of no centre. */
  constructor(options: CentreApplicationKeysOptions) {
    this.centreId = centreOf(options.identity)
    this.#options = options
    const { clock = systemClock, onRenewed = null } = options
    this.#link = new RenewingLink({ ...options, clock, onRenewed })
  }

  sealKey(
    { appId, keyId }: { readonly appId: string; readonly keyId: string },
    options: ApplicationKeyOptions = {},
  ): Promise<ApplicationKey> {
    return this.#release({ appId, keyId, purpose: 'seal', version: null }, options)
  }

  openKey(
    { appId, keyId, version }: ApplicationKeyName,
    options: ApplicationKeyOptions = {},
  ): Promise<ApplicationKey> {
    return this.#release({ appId, keyId, purpose: 'open', version }, options)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#link.close()
    await this.#options.opener?.close()
  }

  async #release(wanted: Wanted, options: ApplicationKeyOptions): Promise<ApplicationKey> {
    const { requesterId, keySet, clock = systemClock } = this.#options
    const request = {
      ...wanted,
      requesterId,
      requestId: randomBytes(16),
      timeMs: clock.nowMs(),
    }
    const signer = await this.#signerOf(wanted, options)
    const signed = signReleaseRequest(this.centreId, request, keySet.ledgerSecretKey)
    const body = releaseRequestJson.safeEncode(signed)
    if (!body.success) throw refusedKey(wanted, 'has a name that no centre gives')
    const release = await this.#ask(RELEASE_PATH, body.data, releaseJson, { wanted, ...options })
    try {
      const requestDigest = releaseDigest(this.centreId, request)
      const key = await this.#unwrap(wanted, { release, requestDigest, signer })
      return { appId: wanted.appId, keyId: wanted.keyId, version: release.version, key }
    } catch (cause) {
      if (!(cause instanceof CryptoError)) throw cause
      throw refusedKey(wanted, 'came wrapped for other keys than this client has')
    }
  }

  async #unwrap(wanted: Wanted, answer: ReleaseAnswer): Promise<Uint8Array> {
    const { keySet, opener } = this.#options
    const isForCard = answer.release.ephemeralKey === null
    if (opener === undefined) {
      if (isForCard) throw refusedKey(wanted, 'came wrapped for a card’s key: name the card')
      return unwrapRelease({ ...answer, secretKey: keySet.openingSecretKey })
    }
    // Who has a card relies on nobody else having the key.
    if (!isForCard) throw refusedKey(wanted, 'came wrapped for the keyring’s key, not the card’s')
    return confirmRelease(answer, await opener.open(sm2WrappedRelease(answer)))
  }

  /** The address that the centre signs as, learned from it once. */
  async #signerOf(wanted: Wanted, options: ApplicationKeyOptions): Promise<Uint8Array> {
    if (this.#signer !== null) return this.#signer
    const status = await this.#ask(STATUS_PATH, null, statusJson, { wanted, ...options })
    if (encodeHex(status.centreId) !== encodeHex(this.centreId)) {
      throw refusedKey(wanted, 'is kept by another centre than the one that answers')
    }
    this.#signer = status.signer
    return status.signer
  }

  async #ask<T extends z.ZodType>(
    path: string,
    body: object | null,
    answer: T,
    { wanted, signal }: ApplicationKeyOptions & { wanted: Wanted },
  ): Promise<z.output<T>> {
    if (this.#isClosed) throw refusedKey(wanted, 'is not held any more')
    const reply = await this.#send(path, body, signal)
    if (reply.status !== 200) throw refusalOf(wanted, reply)
    const parsed = answer.safeParse(parseJson(reply.text))
    if (parsed.success) return parsed.data
    throw unreachable('What answers at its address is no centre of this version.')
  }

  async #send(path: string, body: object | null, signal?: AbortSignal): Promise<CentreReply> {
    try {
      return await this.#link.send({
        method: body === null ? 'get' : 'post',
        path,
        body: body === null ? null : JSON.stringify(body),
        signal,
      })
    } catch (cause) {
      if (!(cause instanceof CentreLinkError)) throw cause
      throw unreachable(cause.message, cause)
    }
  }
}

type Wanted = Pick<ReleaseRequest, 'appId' | 'keyId' | 'purpose' | 'version'>

/** A centre's authority is named after it. */
function centreOf({ authority }: Identity): Uint8Array {
  const [, name] = /^O=([0-9a-f]{32})$/m.exec(new X509Certificate(authority).subject) ?? []
  if (name !== undefined) return decodeHex(name)
  throw new OrlopError(
    'CONFIG_INVALID',
    'The identity is not of a key management centre: its authority names none. Ask the centre’s administrator for another.',
  )
}

function refusalOf({ appId, keyId }: Wanted, { status, text }: CentreReply): OrlopError {
  const problem = problemJson.safeParse(parseJson(text))
  const { code, detail } = problem.success
    ? problem.data
    : { code: '', detail: `It answers with HTTP ${status}.` }
  if (status >= 500 || LATER.has(code) || !problem.success) return unreachable(detail)
  return new OrlopError(
    'APP_KEY_REFUSED',
    `The centre refuses the key '${keyId}' of the application '${appId}'. ${detail}`,
    { details: { appId, keyId, reason: code } },
  )
}

function unreachable(detail: string, cause?: unknown): OrlopError {
  return new OrlopError(
    'APP_KEYS_UNREACHABLE',
    `The key management centre gave no key. ${detail}`,
    {
      cause,
    },
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
