import { wipe } from '@orlop/crypto/bytes'
import { APPLICATION_STANZA_TYPE, PASSPHRASE_STANZA_TYPE } from '@orlop/crypto/keys/stanza-types'
import { type ActionOptions, contextFor } from '../action-options.ts'
import type { ApplicationKeyName } from '../application-keys/application-keys.ts'
import type { ClientContext } from '../context.ts'
import { applicationsOf } from '../envelope/applications-of.ts'
import { isOwnStanza, isStanzaFor } from '../envelope/stanza-of.ts'
import { openObject } from '../retrieve/open-object.ts'

/** Who may open an object beside its owner. */
export interface ObjectRecipients {
  /** Clients by their numbers, ascending: those whose opening keys this home has seen. */
  readonly clientIds: readonly number[]
  /** How many passphrases open it. */
  readonly passphrases: number
  /** Further keys that open it, SM2 keys among them. An envelope does not say whose they are; this home has not seen them. */
  readonly unknownKeys: number
  /** Keys of applications that open it. */
  readonly applications: readonly ApplicationKeyName[]
}

/**
 * Who may open one of this client's own objects, by its newest envelope. An envelope names nobody: recipients are recognised by the
 * opening keys that this home remembers from sharing, and those pinned.
 *
 * @throws OrlopError as `open`; `OBJECT_NOT_FOUND` for another client's object.
 */
export async function recipients(
  outer: ClientContext,
  request: { readonly objectId: Uint8Array | string },
  options: ActionOptions = {},
): Promise<ObjectRecipients> {
  const context = contextFor(outer, options)
  const { keyring, clientId: ownerId } = context.identity
  const known = new Map([...(await context.home.registry.openingKeys()), ...context.pins])
  const { view, opened } = await openObject(context, { ...request, ownerId }, options)
  wipe(opened.dataKey)
  const clientIds = new Set<number>()
  let passphrases = 0
  let unknownKeys = 0
  for (const stanza of opened.envelope.stanzas) {
    const isFor = (key: Uint8Array) => isStanzaFor(stanza, key, view.objectId)
    const found = [...known].find(([, key]) => isFor(key))
    if (stanza.type === APPLICATION_STANZA_TYPE) continue
    if (stanza.type === PASSPHRASE_STANZA_TYPE) passphrases++
    else if (isOwnStanza(stanza, keyring.keySets, view.objectId)) continue
    else if (found === undefined) unknownKeys++
    else clientIds.add(found[0])
  }
  const { applications = [] } = applicationsOf(opened.envelope.stanzas)
  return {
    clientIds: [...clientIds].sort((one, other) => one - other),
    ...{ passphrases, unknownKeys },
    applications: applications.map(({ appId, keyId, version }) => ({ appId, keyId, version })),
  }
}
