import { type ActionOptions, signalOf } from './action-options.ts'
import { abandon } from './actions/abandon.ts'
import type { AssembledJointKey, AssembleJointKeyRequest } from './actions/assemble-joint-key.ts'
import { awaitState, type AwaitedState } from './actions/await-state.ts'
import type { JointKeyRequest } from './actions/contribute-to-joint-key.ts'
import { exportEvidence, type ExportEvidenceRequest } from './actions/export-evidence.ts'
import { extend, type ExtendRequest } from './actions/extend.ts'
import { find, type FindRequest } from './actions/find.ts'
import { forgive } from './actions/forgive.ts'
import type { GivenPartText, GivePartRequest } from './actions/give-part.ts'
import type { GivenShareText, GiveShareRequest } from './actions/give-share.ts'
import { list, type ListRequest } from './actions/list.ts'
import { type ObjectReader, open } from './actions/open.ts'
import { rate, type RateRequest } from './actions/rate.ts'
import { recipients, type ObjectRecipients } from './actions/recipients.ts'
import { recover, type Recovery } from './actions/recover.ts'
import { register, type RegisterRequest } from './actions/register.ts'
import { remove } from './actions/remove.ts'
import { reseal, type ResealRequest } from './actions/reseal.ts'
import { resume, type Resumed, type ResumeOptions } from './actions/resume.ts'
import { retrieve, type Retrieved, type RetrieveRequest } from './actions/retrieve.ts'
import { retrieveToFile, type RetrieveToFileRequest } from './actions/retrieve-to-file.ts'
import { retrieveSealed, type RetrieveSealedRequest } from './actions/retrieve-sealed.ts'
import { revoke, type RevokeRequest } from './actions/revoke.ts'
import {
  rewrapApplication,
  type RewrapApplicationRequest,
  type RewrappedApplication,
} from './actions/rewrap-application.ts'
import { rewrap, type RewrapRequest } from './actions/rewrap.ts'
import { rotate, type RotateRequest } from './actions/rotate.ts'
import { share, type SharedEnvelope, type ShareRequest } from './actions/share.ts'
import { type ObjectReport, status } from './actions/status.ts'
import { store, type StoreRequest } from './actions/store.ts'
import { type UnfinishedUpload, uploads } from './actions/uploads.ts'
import { verify, type Verification } from './actions/verify.ts'
import type { ClientContext } from './context.ts'
import { notInPages } from './custody/key-custody.ts'
import type { ComposedEvidence } from './evidence/compose-evidence.ts'
import type { RewrittenEnvelope } from './envelope/rewrite-envelope.ts'
import type { ClientListener } from './events.ts'
import type { CatalogueEntry } from './home/catalogue.ts'
import { tendPending } from './pending/tend-pending.ts'
import type { TellResult } from './pending/send-to-holders.ts'
import { OpenCalls } from './open-calls.ts'
import { recogniseSelf } from './recognise-self.ts'
import { objectIdOf, type OpenRequest } from './retrieve/open-object.ts'
import type { StoreResult } from './upload/store-result.ts'
import type { ClientRecord, NodeRecord } from '@orlop/protocol/ledger-records'

/** Names an object: 32 bytes, or the text `orlop:…`. */
export interface ObjectRequest {
  readonly objectId: Uint8Array | string
}

/** A client of the storage network. Each verb is documented at its own function in `actions/`. */
export interface OrlopClient {
  /** This client's record on the ledger as last seen; null before registration. */
  readonly record: ClientRecord | null
  /** The public key that others wrap to when they share with this client, 32 bytes: tell it to them, so that they can pin it. */
  readonly openingKey: Uint8Array
  /** Hears everything that happens in this client. @returns a function that ends the listening. */
  listen(listener: ClientListener): () => void
  /** The nodes by the ledger. */
  nodes(options?: ActionOptions): Promise<NodeRecord[]>
  /**
   * Reads this client's record from the ledger.
   *
   * @returns null when the ledger does not know the client.
   */
  refresh(options?: ActionOptions): Promise<ClientRecord | null>
  /** {@inheritDoc register} */
  register(request: RegisterRequest, options?: ActionOptions): Promise<ClientRecord>
  /** {@inheritDoc rotate} */
  rotate(request: RotateRequest, options?: ActionOptions): Promise<ClientRecord>
  /** {@inheritDoc store} */
  store(request: StoreRequest, options?: ActionOptions): Promise<StoreResult>
  /** {@inheritDoc resume} */
  resume(options?: ResumeOptions): Promise<Resumed>
  /** {@inheritDoc uploads} */
  uploads(): Promise<UnfinishedUpload[]>
  /** {@inheritDoc abandon} */
  abandon(request: ObjectRequest): Promise<void>
  /** {@inheritDoc open} */
  open(request: OpenRequest, options?: ActionOptions): Promise<ObjectReader>
  /** {@inheritDoc retrieve} */
  retrieve(request: RetrieveRequest, options?: ActionOptions): Promise<Retrieved>
  /** {@inheritDoc retrieveToFile} */
  retrieveToFile(request: RetrieveToFileRequest, options?: ActionOptions): Promise<CatalogueEntry>
  /** {@inheritDoc retrieveSealed} */
  retrieveSealed(request: RetrieveSealedRequest, options?: ActionOptions): Promise<Uint8Array>
  /** {@inheritDoc list} */
  list(request?: ListRequest, options?: ActionOptions): Promise<CatalogueEntry[]>
  /** {@inheritDoc find} */
  find(request: FindRequest, options?: ActionOptions): Promise<CatalogueEntry[]>
  /** {@inheritDoc verify} */
  verify(request: OpenRequest, options?: ActionOptions): Promise<Verification>
  /** {@inheritDoc status} */
  status(request: ObjectRequest, options?: ActionOptions): Promise<ObjectReport>
  /** {@inheritDoc awaitState} */
  await(
    request: ObjectRequest & { readonly state: AwaitedState },
    options?: ActionOptions,
  ): Promise<CatalogueEntry>
  /** {@inheritDoc rate} */
  rate(request: RateRequest, options?: ActionOptions): Promise<void>
  /** {@inheritDoc forgive} */
  forgive(request: { readonly nodeId: number }): Promise<void>
  /** {@inheritDoc recipients} */
  recipients(request: ObjectRequest, options?: ActionOptions): Promise<ObjectRecipients>
  /** {@inheritDoc share} */
  share(request: ShareRequest, options?: ActionOptions): Promise<SharedEnvelope>
  /** {@inheritDoc revoke} */
  revoke(request: RevokeRequest, options?: ActionOptions): Promise<RewrittenEnvelope>
  /** {@inheritDoc rewrap} */
  rewrap(request: RewrapRequest, options?: ActionOptions): Promise<RewrittenEnvelope>
  /** {@inheritDoc rewrapApplication} */
  rewrapApplication(
    request: RewrapApplicationRequest,
    options?: ActionOptions,
  ): Promise<RewrappedApplication>
  /** {@inheritDoc giveShare} */
  giveShare(request: GiveShareRequest, options?: ActionOptions): Promise<GivenShareText>
  /** {@inheritDoc contributeToJointKey} */
  contributeToJointKey(request: JointKeyRequest, options?: ActionOptions): Promise<string>
  /** {@inheritDoc assembleJointKey} */
  assembleJointKey(
    request: AssembleJointKeyRequest,
    options?: ActionOptions,
  ): Promise<AssembledJointKey>
  /** {@inheritDoc givePart} */
  givePart(request: GivePartRequest, options?: ActionOptions): Promise<GivenPartText>
  /** {@inheritDoc reseal} */
  reseal(request: ResealRequest, options?: ActionOptions): Promise<StoreResult>
  /** {@inheritDoc extend} */
  extend(request: ExtendRequest, options?: ActionOptions): Promise<TellResult>
  /** {@inheritDoc remove} */
  remove(request: ObjectRequest, options?: ActionOptions): Promise<TellResult>
  /** {@inheritDoc exportEvidence} */
  exportEvidence(request: ExportEvidenceRequest, options?: ActionOptions): Promise<ComposedEvidence>
  /** {@inheritDoc recover} */
  recover(options?: ActionOptions): Promise<Recovery>
  /**
   * Hands on ratings and other signed messages that wait, and forgets those the ledger holds for good. Programs that run for long
   * call it now and then.
   */
  tend(options?: ActionOptions): Promise<void>
  /**
   * Ends every call under way with `ABORTED` (an upload that was sealed can be continued later), waits for what goes on in the
   * background, and closes connections and the home folder. May be called again and then does nothing.
   *
   * @param options - when its signal fires, what goes on in the background is ended too: ratings and other messages that wait are in
   *   the home, and are handed on by the next client that opens it.
   */
  close(options?: ActionOptions): Promise<void>
}

/** Gives the verbs their context, and ends them when the client is closed. */
export function bindClient(context: ClientContext, bindCustody?: BindCustodyVerbs): OrlopClient {
  const calls = new OpenCalls()
  const runKnown = <T>(work: (own: ActionOptions) => Promise<T>, options?: ActionOptions) =>
    calls.run(async (own) => {
      await recogniseSelf(context, own)
      return work(own)
    }, options)
  return {
    get record() {
      return context.identity.record
    },
    get openingKey() {
      return context.identity.keySet.openingPublicKey
    },
    listen: (listener) => context.events.listen(listener),
    nodes: (options) => calls.run((own) => context.directory.all(signalOf(own)), options),
    refresh: (options) => calls.run((own) => refresh(context, own), options),
    register: (request, options) => calls.run((own) => register(context, request, own), options),
    rotate: (request, options) => calls.run((own) => rotate(context, request, own), options),
    store: (request, options) => calls.run((own) => store(context, request, own), options),
    resume: (options) => calls.run((own) => resume(context, { ...options, ...own }), options),
    uploads: () => calls.run(() => uploads(context)),
    abandon: (request) => calls.run(() => abandon(context, request)),
    open: (request, options) => runKnown((own) => open(context, request, own), options),
    retrieve: (request, options) => runKnown((own) => retrieve(context, request, own), options),
    retrieveToFile: (request, options) =>
      runKnown((own) => retrieveToFile(context, request, own), options),
    retrieveSealed: (request, options) =>
      runKnown((own) => retrieveSealed(context, request, own), options),
    list: (request, options) => calls.run((own) => list(context, request, own), options),
    find: (request, options) => calls.run((own) => find(context, request, own), options),
    verify: (request, options) => runKnown((own) => verify(context, request, own), options),
    status: (request, options) => runKnown((own) => status(context, request, own), options),
    await: ({ objectId, state }, options) =>
      runKnown(
        (own) => awaitState(context, { objectId: objectIdOf(objectId), state }, own),
        options,
      ),
    rate: (request, options) => runKnown((own) => rate(context, request, own), options),
    forgive: (request) => calls.run(() => forgive(context, request)),
    recipients: (request, options) => runKnown((own) => recipients(context, request, own), options),
    share: (request, options) => runKnown((own) => share(context, request, own), options),
    revoke: (request, options) => runKnown((own) => revoke(context, request, own), options),
    rewrap: (request, options) => runKnown((own) => rewrap(context, request, own), options),
    rewrapApplication: (request, options) =>
      runKnown((own) => rewrapApplication(context, request, own), options),
    ...(bindCustody?.(context, runKnown) ?? NO_CUSTODY),
    reseal: (request, options) => runKnown((own) => reseal(context, request, own), options),
    extend: (request, options) => runKnown((own) => extend(context, request, own), options),
    remove: (request, options) => runKnown((own) => remove(context, request, own), options),
    exportEvidence: (request, options) =>
      runKnown((own) => exportEvidence(context, request, own), options),
    recover: (options) => calls.run((own) => recover(context, own), options),
    tend: (options) => calls.run((own) => tendPending(context, signalOf(own)), options),
    close: (options) => calls.end().then(() => close(context, options)),
  }
}

/** Runs a call of a client that knows itself, and ends it with the client. */
export type RunKnown = <T>(
  work: (own: ActionOptions) => Promise<T>,
  options?: ActionOptions,
) => Promise<T>

/** What custodians and parties of joint keys do. */
export type CustodyVerbs = Pick<
  OrlopClient,
  'giveShare' | 'contributeToJointKey' | 'assembleJointKey' | 'givePart'
>

/** Gives these verbs their context. */
export type BindCustodyVerbs = (context: ClientContext, run: RunKnown) => CustodyVerbs

const refuse = () => Promise.reject(notInPages())
const NO_CUSTODY: CustodyVerbs = {
  giveShare: refuse,
  contributeToJointKey: refuse,
  assembleJointKey: refuse,
  givePart: refuse,
}

async function refresh(
  { identity, ledger }: ClientContext,
  options: ActionOptions,
): Promise<ClientRecord | null> {
  await identity.refresh(ledger, signalOf(options))
  return identity.record
}

async function close(
  { background, network, ownCrews, home }: ClientContext,
  { signal }: ActionOptions = {},
): Promise<void> {
  await background.end(signal)
  await network.disconnect()
  await network.transport.stop()
  await ownCrews?.stop()
  await home.close()
}
