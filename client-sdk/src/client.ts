import type { ActionOptions } from './action-options.ts'
import { awaitState, type AwaitedState } from './actions/await-state.ts'
import { extend, type ExtendRequest } from './actions/extend.ts'
import { find, type FindRequest } from './actions/find.ts'
import { forgive } from './actions/forgive.ts'
import { list, type ListRequest } from './actions/list.ts'
import { rate, type RateRequest } from './actions/rate.ts'
import { recover, type Recovery } from './actions/recover.ts'
import { register, type RegisterRequest } from './actions/register.ts'
import { remove } from './actions/remove.ts'
import { reseal, type ResealRequest } from './actions/reseal.ts'
import { resume, type Resumed } from './actions/resume.ts'
import { retrieve, type Retrieved, type RetrieveRequest } from './actions/retrieve.ts'
import { retrieveToFile, type RetrieveToFileRequest } from './actions/retrieve-to-file.ts'
import { retrieveSealed, type RetrieveSealedRequest } from './actions/retrieve-sealed.ts'
import { revoke, type RevokeRequest } from './actions/revoke.ts'
import { rewrap, type RewrapRequest } from './actions/rewrap.ts'
import { rotate } from './actions/rotate.ts'
import { share, type ShareRequest } from './actions/share.ts'
import { type ObjectReport, status } from './actions/status.ts'
import { store, type StoreRequest } from './actions/store.ts'
import { verify, type Verification } from './actions/verify.ts'
import { signalOf } from './action-options.ts'
import type { ClientContext } from './context.ts'
import type { RewrittenEnvelope } from './envelope/rewrite-envelope.ts'
import type { ClientListener } from './events.ts'
import type { CatalogueEntry } from './home/catalogue.ts'
import { tendPending } from './pending/tend-pending.ts'
import type { TellResult } from './pending/send-to-holders.ts'
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
  /** Hears everything that happens in this client. @returns a function that ends the listening. */
  listen(listener: ClientListener): () => void
  /** The nodes by the ledger. */
  nodes(options?: ActionOptions): Promise<NodeRecord[]>
  /** {@inheritDoc register} */
  register(request: RegisterRequest, options?: ActionOptions): Promise<ClientRecord>
  /** {@inheritDoc rotate} */
  rotate(
    request: { readonly recoverySecretKey: Uint8Array },
    options?: ActionOptions,
  ): Promise<ClientRecord>
  /** {@inheritDoc store} */
  store(request: StoreRequest, options?: ActionOptions): Promise<StoreResult>
  /** {@inheritDoc resume} */
  resume(options?: ActionOptions): Promise<Resumed>
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
  /** {@inheritDoc share} */
  share(request: ShareRequest, options?: ActionOptions): Promise<RewrittenEnvelope>
  /** {@inheritDoc revoke} */
  revoke(request: RevokeRequest, options?: ActionOptions): Promise<RewrittenEnvelope>
  /** {@inheritDoc rewrap} */
  rewrap(request: RewrapRequest, options?: ActionOptions): Promise<RewrittenEnvelope>
  /** {@inheritDoc reseal} */
  reseal(request: ResealRequest, options?: ActionOptions): Promise<StoreResult>
  /** {@inheritDoc extend} */
  extend(request: ExtendRequest, options?: ActionOptions): Promise<TellResult>
  /** {@inheritDoc remove} */
  remove(request: ObjectRequest, options?: ActionOptions): Promise<TellResult>
  /** {@inheritDoc recover} */
  recover(options?: ActionOptions): Promise<Recovery>
  /**
   * Hands on ratings and other signed messages that wait, and forgets those the ledger holds for good. Programs that run for long
   * call it now and then.
   */
  tend(options?: ActionOptions): Promise<void>
  /** Ends what goes on in the background, closes connections and the home folder. Uploads under way end with `ABORTED` and can be continued. */
  close(): Promise<void>
}

/** Gives the verbs their context. */
export function bindClient(context: ClientContext): OrlopClient {
  return {
    get record() {
      return context.identity.record
    },
    listen: (listener) => context.events.listen(listener),
    nodes: (options = {}) => context.directory.all(signalOf(options)),
    register: (request, options) => register(context, request, options),
    rotate: (request, options) => rotate(context, request, options),
    store: (request, options) => store(context, request, options),
    resume: (options) => resume(context, options),
    retrieve: (request, options) => retrieve(context, request, options),
    retrieveToFile: (request, options) => retrieveToFile(context, request, options),
    retrieveSealed: (request, options) => retrieveSealed(context, request, options),
    list: (request, options) => list(context, request, options),
    find: (request, options) => find(context, request, options),
    verify: (request, options) => verify(context, request, options),
    status: (request, options) => status(context, request, options),
    await: ({ objectId, state }, options) =>
      awaitState(context, { objectId: objectIdOf(objectId), state }, options),
    rate: (request, options) => rate(context, request, options),
    forgive: (request) => forgive(context, request),
    share: (request, options) => share(context, request, options),
    revoke: (request, options) => revoke(context, request, options),
    rewrap: (request, options) => rewrap(context, request, options),
    reseal: (request, options) => reseal(context, request, options),
    extend: (request, options) => extend(context, request, options),
    remove: (request, options) => remove(context, request, options),
    recover: (options) => recover(context, options),
    tend: (options = {}) => tendPending(context, signalOf(options)),
    close: () => close(context),
  }
}

async function close({ background, network, home }: ClientContext): Promise<void> {
  await background.settled()
  await background.stop()
  await network.disconnect()
  await network.transport.stop()
  await home.close()
}
