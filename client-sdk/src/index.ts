/**
 * Orlop's SDK: stores, lists, fetches, verifies and shares objects on a network of storage nodes that cannot read them.
 *
 * @packageDocumentation
 */
export { createClient } from './create-client.ts'
export type { TransportIdentity } from './compose-client.ts'
export type { CreateClientOptions } from './create-client.ts'
export type { ObjectRequest, OrlopClient } from './client.ts'
export type { ActionOptions } from './action-options.ts'
export type { ClientEvent, ClientListener, NamedNode } from './events.ts'
export { DEFAULT_SETTINGS } from './settings.ts'
export type { ClientSettings } from './settings.ts'

export { createFileKeyring } from './keyring/create-file-keyring.ts'
export type { CreateFileKeyringOptions } from './keyring/create-file-keyring.ts'
export { FileKeyring } from './keyring/file-keyring.ts'
export type {
  CreatedFileKeyring,
  CreateKeyringOptions,
  FileKeyringOptions,
} from './keyring/file-keyring.ts'
export { MemoryKeyring } from './keyring/memory-keyring.ts'
export type { KeySet } from './keyring/key-set.ts'
export type { CreatedKeyring, Keyring } from './keyring/keyring.ts'
export { formatOpeningKey, parseOpeningKey } from './keyring/opening-key-text.ts'
export { formatRecoveryKey, parseRecoveryKey } from './keyring/recovery-key.ts'
export {
  APPLICATION_KEY_BYTES,
  CENTRE_ID_BYTES,
  DEFAULT_KEY_ID,
} from './application-keys/application-keys.ts'
export type {
  ApplicationKey,
  ApplicationKeyName,
  ApplicationKeyOptions,
  ApplicationKeys,
} from './application-keys/application-keys.ts'
export {
  CentreApplicationKeys,
  type CentreApplicationKeysOptions,
} from './application-keys/centre-application-keys.ts'
export { readIdentity } from '@orlop/protocol/centre/identity'
export { MemoryApplicationKeys } from './application-keys/memory-application-keys.ts'
export { CardReleaseOpener } from './application-keys/card-release-opener.ts'
export { cardSm2Key, openWithCard } from './custody/open-with-card.ts'
export { openWithParts } from './custody/open-with-parts.ts'
export { openWithShares } from './custody/open-with-shares.ts'
export { openWithSm2Key } from './custody/open-with-sm2-key.ts'
export type { KeyOpener, WrappedKey } from './retrieve/key-opener.ts'
export { parseCardAddress } from './offload/card-address.ts'
export type { CardAddress } from './offload/card-address.ts'
export type { ClientCard } from './offload/card-offload.ts'
export type { CardPolicy } from './offload/card-policy.ts'
export { openCardAt } from './offload/open-card-at.ts'
export { closeCards, openCardsAt, requireCardAt } from './offload/open-cards-at.ts'
export type { OpenedCards } from './offload/open-cards-at.ts'
export type { CardSurroundings } from './offload/open-card-at.ts'
export { openLedger } from './ledger/open-ledger.ts'

export type { AwaitedState } from './actions/await-state.ts'
export type { ExportEvidenceRequest } from './actions/export-evidence.ts'
export type { ExtendRequest } from './actions/extend.ts'
export type { FindRequest } from './actions/find.ts'
export type { AssembledJointKey, AssembleJointKeyRequest } from './actions/assemble-joint-key.ts'
export type { JointKeyRequest } from './actions/contribute-to-joint-key.ts'
export type { GivenPartText, GivePartRequest } from './actions/give-part.ts'
export type { GivenShareText, GiveShareRequest } from './actions/give-share.ts'
export type { ListRequest } from './actions/list.ts'
export type { RateRequest } from './actions/rate.ts'
export type { ObjectRecipients } from './actions/recipients.ts'
export type { Recovery, Unrecovered } from './actions/recover.ts'
export type { RegisterRequest } from './actions/register.ts'
export type { ResealRequest } from './actions/reseal.ts'
export type { NotResumed, Resumed, ResumeOptions } from './actions/resume.ts'
export type { ObjectReader, Reading, ReadRange } from './actions/open.ts'
export type { Retrieved, RetrieveRequest } from './actions/retrieve.ts'
export type { RetrieveSealedRequest } from './actions/retrieve-sealed.ts'
export type { RetrieveToFileRequest } from './actions/retrieve-to-file.ts'
export type { RevokeRequest } from './actions/revoke.ts'
export type {
  NotRewrapped,
  RewrapApplicationRequest,
  RewrappedApplication,
} from './actions/rewrap-application.ts'
export type { RewrapRequest } from './actions/rewrap.ts'
export type { RotateRequest } from './actions/rotate.ts'
export type { SharedEnvelope, ShareRequest } from './actions/share.ts'
export type { ObjectReport, StripReport } from './actions/status.ts'
export type { ApplicationRequest, StoreRequest } from './actions/store.ts'
export type { UnfinishedUpload } from './actions/uploads.ts'
export type { Verification, VerifiedStrip } from './actions/verify.ts'
export type { PinnedRecipient, Recipient } from './envelope/recipient-keys.ts'
export type { RewrittenEnvelope } from './envelope/rewrite-envelope.ts'
export { checkEvidence } from './evidence/check-evidence.ts'
export type { CheckEvidenceRequest, EvidenceReport } from './evidence/check-evidence.ts'
export type { ComposedEvidence } from './evidence/compose-evidence.ts'
export type { Evidence } from './evidence/evidence-format.ts'
export type { Finding, FindingResult } from './evidence/finding.ts'
export { RpcEvidenceLedger } from './evidence/rpc-evidence-ledger.ts'
export type { CatalogueEntry, CatalogueStrip } from './home/catalogue.ts'
export type { TellResult } from './pending/send-to-holders.ts'
export type { OpenRequest } from './retrieve/open-object.ts'
export type { StoreSource } from './upload/plan-upload.ts'
export type { StoredStrip, StoreResult } from './upload/store-result.ts'

export { classify } from './classify/classify.ts'
export type { Classification } from './classify/classify.ts'
export { readSubject } from './classify/read-subject.ts'
export type { Subject } from './classify/subject.ts'
export { decide } from './policy/decide.ts'
export type { Decision } from './policy/decide.ts'
export { loadPolicy } from './policy/load-policy.ts'
export { parsePolicy } from './policy/parse-policy.ts'
export type { Custody } from './policy/custody.ts'
export type { Policy, Treatment } from './policy/schema.ts'

export { isOrlopError, OrlopError, RemoteError } from '@orlop/protocol/errors'
export type { ErrorCode } from '@orlop/protocol/error-codes'
export { formatObjectId, parseObjectId } from '@orlop/protocol/ids'
