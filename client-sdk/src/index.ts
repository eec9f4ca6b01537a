/**
 * The client of the Orlop storage network: what application writers import.
 *
 * @packageDocumentation
 */
export type { ActionOptions } from './action-options.ts'
export type { StoreRequest } from './actions/store.ts'
export type { Verification, VerifiedStrip } from './actions/verify.ts'
export { classify, type Classification } from './classify/classify.ts'
export { readSubject, type Subject } from './classify/subject.ts'
export type { ObjectRequest, OrlopClient } from './client.ts'
export { createClient, type CreateClientOptions } from './create-client.ts'
export type { ClientEvent, ClientListener, NamedNode } from './events.ts'
export type { CatalogueEntry } from './home/catalogue.ts'
export { FileKeyring, type FileKeyringOptions } from './keyring/file-keyring.ts'
export type { CreatedKeyring, Keyring } from './keyring/keyring.ts'
export { MemoryKeyring } from './keyring/memory-keyring.ts'
export { formatRecoveryKey, parseRecoveryKey } from './keyring/recovery-key.ts'
export { openLedger } from './ledger/open-ledger.ts'
export { decide, type Decision } from './policy/decide.ts'
export { loadPolicy } from './policy/load-policy.ts'
export type { Policy, Treatment } from './policy/schema.ts'
export { type ClientSettings, DEFAULT_SETTINGS } from './settings.ts'
export type { StoredStrip, StoreResult } from './upload/store-result.ts'
