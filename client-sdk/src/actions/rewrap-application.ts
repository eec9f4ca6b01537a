import { encodeHex, wipe } from '@orlop/crypto/bytes'
import { applicationKeyOf, type NamedApplicationKey } from '@orlop/crypto/keys/application-stanza'
import type { ErrorCode } from '@orlop/protocol/error-codes'
import { isOrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import {
  type ApplicationKey,
  type ApplicationKeyName,
  DEFAULT_KEY_ID,
} from '../application-keys/application-keys.ts'
import { requireApplicationKeys } from '../application-keys/require-application-keys.ts'
import type { ClientContext } from '../context.ts'
import { stanzaUnder } from '../envelope/recipient-stanzas.ts'
import { type RewriteRequest, rewriteEnvelope } from '../envelope/rewrite-envelope.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'

/** Which objects are wrapped anew. */
export interface RewrapApplicationRequest {
  readonly appId: string
  /** `default` when left out. */
  readonly keyId?: string
}

/** An object whose envelope could not be written anew. */
export interface NotRewrapped {
  readonly objectId: string
  readonly code: ErrorCode
  readonly reason: string
}

/** What wrapping anew came to. */
export interface RewrappedApplication {
  /** The newest version of the key. */
  readonly version: number
  /** Objects that were under an older one and are under this one now. */
  readonly rewrapped: number
  /** Objects that were under it already. */
  readonly upToDate: number
  /** Objects under a key of the same name at another centre, left as they are: wrap them anew with that one. */
  readonly atOtherCentres: number
  readonly failed: readonly NotRewrapped[]
}

/**
 * After an application's key was rotated: moves the stanzas of all own objects in the catalogue from older versions to the newest. Data and
 * strips stay as they are; other stanzas too. It may be broken off and begun again at any time: what is done is skipped. What fails with one
 * object is told in the result, and the others go on.
 *
 * @throws OrlopError `APP_KEY_REFUSED`, `APP_KEYS_UNREACHABLE`, `CARD_UNAVAILABLE` when the newest version is not to be had; `ABORTED`.
 */
export async function rewrapApplication(
  outer: ClientContext,
  { appId, keyId = DEFAULT_KEY_ID }: RewrapApplicationRequest,
  options: ActionOptions = {},
): Promise<RewrappedApplication> {
  const context = contextFor(outer, options)
  // Asked for once: a centre counts and notes every release.
  const newest = await requireApplicationKeys(context).sealKey({ appId, keyId }, signalOf(options))
  try {
    return await rewrapAll(context, newest, options)
  } finally {
    wipe(newest.key)
  }
}

async function rewrapAll(
  context: ClientContext,
  newest: ApplicationKey,
  options: ActionOptions,
): Promise<RewrappedApplication> {
  const { centreId } = requireApplicationKeys(context)
  const name = { ...newest, centreId }
  const found = await entriesOf(context, newest)
  const entries = found.filter(({ applications }) => applications?.some((one) => isKey(one, name)))
  const old = entries.filter((entry) => !isUnder(entry, name))
  const failed: NotRewrapped[] = []
  for (const [at, entry] of old.entries()) {
    throwIfAborted(options.signal, 'Wrapping keys anew')
    const objectName = formatObjectId(entry.objectId)
    try {
      await rewrapOne(context, entry, { newest, name }, options)
      context.events.emit({ type: 'rewrapped', objectName, done: at + 1, total: old.length })
    } catch (error) {
      throwIfAborted(options.signal, 'Wrapping keys anew')
      if (!isOrlopError(error)) throw error
      failed.push({ objectId: objectName, code: error.code, reason: error.message })
    }
  }
  return {
    version: newest.version,
    rewrapped: old.length - failed.length,
    upToDate: entries.length - old.length,
    atOtherCentres: found.length - entries.length,
    failed,
  }
}

type KeyName = Omit<ApplicationKeyName, 'version'>

async function entriesOf(
  { home, identity }: ClientContext,
  name: KeyName,
): Promise<CatalogueEntry[]> {
  const found: CatalogueEntry[] = []
  for await (const entry of home.catalogue.entries()) {
    if (entry.ownerId !== identity.clientId || entry.state === 'removed') continue
    if ((entry.applications ?? []).some((one) => isSameName(one, name))) found.push(entry)
  }
  return found
}

function isUnder({ applications = [] }: CatalogueEntry, newest: NamedApplicationKey): boolean {
  return applications.every((one) => !isKey(one, newest) || one.version >= newest.version)
}

/** Keys of the same name at different centres have nothing to do with each other. */
function isKey(one: NamedApplicationKey, other: NamedApplicationKey): boolean {
  return isSameName(one, other) && encodeHex(one.centreId) === encodeHex(other.centreId)
}

function isSameName(one: KeyName, other: KeyName): boolean {
  return one.appId === other.appId && one.keyId === other.keyId
}

async function rewrapOne(
  context: ClientContext,
  { objectId }: CatalogueEntry,
  { newest, name }: { newest: ApplicationKey; name: NamedApplicationKey },
  options: ActionOptions,
): Promise<void> {
  const change: RewriteRequest['change'] = (stanzas, wrap) => {
    const others = stanzas.filter((stanza) => {
      const theirs = applicationKeyOf(stanza)
      return theirs === null || !isKey(theirs, name)
    })
    return Promise.resolve([...others, stanzaUnder(context, wrap, newest)])
  }
  await rewriteEnvelope(context, { objectId, change }, options)
}
