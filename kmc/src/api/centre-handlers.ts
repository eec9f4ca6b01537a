import { auditHead, listAudit } from '../audit/audit-log.ts'
import type { Backups } from '../backups/backups.ts'
import type { Centre } from '../centre.ts'
import type { Applications } from '../keys/applications.ts'
import { destroyKey, getDestruction } from '../keys/destroy-key.ts'
import type { Keys } from '../keys/keys.ts'
import type { Releases } from '../keys/releases.ts'
import { KmcError } from '../kmc-error.ts'
import type { Anchorer } from '../service/anchorer.ts'
import type { Custody } from '../service/custody.ts'
import type { CENTRE_ROUTES } from './centre-routes.ts'
import type { Handlers } from './route.ts'
import { MAX_PAGE_ITEMS } from './values.ts'

/** What answers for a centre. */
export interface CentreParts {
  readonly centre: Centre
  readonly custody: Custody
  readonly applications: Applications
  readonly keys: Keys
  readonly releases: Releases
  readonly backups: Backups
  readonly anchorer: Anchorer
  readonly version: string
}

type CentreHandlers = Handlers<typeof CENTRE_ROUTES>

/** What answers each route of `CENTRE_ROUTES`. */
export function centreHandlers(parts: CentreParts): CentreHandlers {
  return { ...ofCentre(parts), ...ofApplications(parts), ...ofKeys(parts), ...ofBackups(parts) }
}

function ofCentre({ centre, custody, version, anchorer }: CentreParts) {
  const { seal, random, rows, store } = centre
  return {
    health: () => Promise.resolve({ status: healthOf(centre), version }),
    status: async () => {
      const { centreId, record, status } = seal
      const audit = status.state === 'unsealed' ? await auditHead(rows) : null
      const { signer } = record
      const state = { seal: copyOf(status), random: sourceOf(centre), audit }
      return { version, centreId, signer, ...state, isAnchoring: anchorer.isOn }
    },
    unseal: async ({ body, peer }) => copyOf(await custody.give(body.share, peer.name)),
    seal: async ({ peer }) => copyOf(await custody.seal(peer.name)),
    testRandom: async () => {
      await random.test()
      return sourceOf(centre)
    },
    anchor: async () => {
      const { count, transactionHashes } = await anchorer.anchor()
      return { count, transactionHashes: [...transactionHashes] }
    },
    audit: async ({ query: { after = 0, limit = MAX_PAGE_ITEMS } }) => ({
      entries: await listAudit(store, { after, limit }),
    }),
  } satisfies Partial<CentreHandlers>
}

function ofApplications({ applications, releases }: CentreParts) {
  return {
    applications: async ({ query }) => ({ items: await applications.list(pageOf(query)) }),
    createApplication: ({ peer, body }) => applications.create(peer.name, body.appId, body.policy),
    application: async ({ params: { appId } }) =>
      (await applications.get(appId)) ?? missing(`application '${appId}'`),
    setPolicy: ({ peer, params, body }) => applications.setPolicy(peer.name, params.appId, body),
    revokeApplication: ({ peer, params }) => applications.revoke(peer.name, params.appId),
    release: async ({ peer, body }) => {
      if (body.request.appId !== peer.name) throw notItsOwn(peer.name, body.request.appId)
      return releases.release(body, { certificate: peer.serial })
    },
  } satisfies Partial<CentreHandlers>
}

function ofKeys({ centre, keys, backups, anchorer }: CentreParts) {
  return {
    keys: async ({ params, query }) => ({ items: await keys.list(params.appId, pageOf(query)) }),
    generateKey: ({ peer, params, body }) => keys.generate(peer.name, { ...params, ...body }),
    key: async ({ params }) =>
      (await keys.get(params)) ?? missing(`key '${params.keyId}' of '${params.appId}'`),
    activateKey: ({ peer, params }) => keys.activate(peer.name, params),
    rotateKey: ({ peer, params }) => keys.rotate(peer.name, params),
    revokeKey: ({ peer, params }) => keys.revoke(peer.name, params),
    destroyKey: async ({ peer, params }) => {
      const destruction = await destroyKey({ centre, backups, actor: peer.name, key: params })
      return { ...destruction, isAnchored: await anchorer.tryAnchor(destruction) }
    },
    destruction: async ({ params }) =>
      (await getDestruction(centre, params)) ??
      missing(`statement about the key '${params.keyId}' of '${params.appId}'`),
  } satisfies Partial<CentreHandlers>
}

function ofBackups({ backups }: CentreParts) {
  return {
    backups: async () => {
      const entries = await backups.list()
      return { items: entries.map((entry) => ({ ...entry, keys: [...entry.keys] })) }
    },
    createBackup: async ({ peer }) => ({ backupId: await backups.create(peer.name) }),
    forgetBackup: async ({ peer, params }) => {
      await backups.forget(peer.name, params.backupId)
      return params
    },
  } satisfies Partial<CentreHandlers>
}

function healthOf({ seal, random }: Centre): 'ok' | 'sealed' | 'random-refused' {
  if (random.status.state === 'refusing') return 'random-refused'
  return seal.status.state === 'unsealed' ? 'ok' : 'sealed'
}

/** Answers hold arrays of their own. */
function copyOf<T extends { readonly given: readonly number[] }>(status: T) {
  return { ...status, given: [...status.given] }
}

function sourceOf({ random: { status } }: Centre) {
  return { ...status, failures: [...status.failures] }
}

function pageOf({
  after,
  limit = MAX_PAGE_ITEMS,
}: {
  readonly after?: string | undefined
  readonly limit?: number | undefined
}) {
  return { limit, ...(after === undefined ? {} : { after }) }
}

function missing(what: string): never {
  throw new KmcError('NOT_FOUND', `There is no ${what} here. Check the name.`)
}

function notItsOwn(own: string, asked: string): KmcError {
  return new KmcError(
    'NOT_ALLOWED',
    `The certificate is of the application '${own}'; keys of '${asked}' are for that one's.`,
    { details: { appId: asked } },
  )
}
