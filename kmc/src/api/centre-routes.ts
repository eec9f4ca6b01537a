import * as z from 'zod'
import {
  releaseJson,
  RELEASE_PATH,
  releaseRequestJson,
  STATUS_PATH,
} from '@orlop/protocol/centre/release'
import { CERTIFICATE_ROLES } from '../certificates/certificate-roles.ts'
import { algorithmSchema, nameSchema } from '../keys/records.ts'
import {
  applicationJson,
  auditPageJson,
  backupId,
  backupJson,
  destroyedJson,
  destructionJson,
  healthJson,
  keyJson,
  policyJson,
  randomJson,
  sealedJson,
  sealJson,
  statusJson,
} from './centre-values.ts'
import { route } from './route.ts'
import { namePage, nothing, pageLimit, wholeNumber } from './values.ts'

const ADMINISTRATORS = ['administrator'] as const
const LOG_READERS = ['administrator', 'auditor'] as const
const SHARE_GIVERS = ['administrator', 'custodian'] as const
/** Longest text of a share that is looked at. */
const MAX_SHARE_CHARACTERS = 512

const appParams = z.strictObject({ appId: nameSchema })
const keyParams = z.strictObject({ appId: nameSchema, keyId: nameSchema })
const backupParams = z.strictObject({ backupId })

const KEYS = '/v1/applications/{appId}/keys'
const asked = { params: nothing, query: nothing, body: null } as const
const ofKey = (act: string, summary: string) =>
  route({
    ...asked,
    method: 'post',
    path: `${KEYS}/{keyId}/${act}`,
    summary,
    roles: ADMINISTRATORS,
    params: keyParams,
    answer: keyJson,
  })

/** What the centre is asked to do. The OpenAPI document, the server's checks and the client are made from this. */
export const CENTRE_ROUTES = {
  health: route({
    ...asked,
    method: 'get',
    path: '/v1/health',
    summary: 'Whether the centre can give out keys; 503 when it cannot',
    roles: CERTIFICATE_ROLES,
    answer: healthJson,
  }),
  status: route({
    ...asked,
    method: 'get',
    path: STATUS_PATH,
    summary: 'Which centre this is, whether it is sealed, and how its random source is',
    roles: CERTIFICATE_ROLES,
    answer: statusJson,
  }),
  unseal: route({
    ...asked,
    method: 'post',
    path: '/v1/unseal',
    summary: 'Give one custodian’s share; the last that is needed unseals',
    roles: SHARE_GIVERS,
    body: z.strictObject({ share: z.string().max(MAX_SHARE_CHARACTERS) }),
    answer: sealJson,
  }),
  seal: route({
    ...asked,
    method: 'post',
    path: '/v1/seal',
    summary: 'Forget all keys at once, until enough shares are given again',
    roles: ADMINISTRATORS,
    answer: sealedJson,
  }),
  testRandom: route({
    ...asked,
    method: 'post',
    path: '/v1/random/test',
    summary: 'Test the random source by the rows of GM/T 0005-2021 now; takes seconds',
    roles: ADMINISTRATORS,
    answer: randomJson,
  }),
  applications: route({
    ...asked,
    method: 'get',
    path: '/v1/applications',
    summary: 'Applications by name',
    roles: ADMINISTRATORS,
    query: namePage,
    answer: z.object({ items: z.array(applicationJson) }),
  }),
  createApplication: route({
    ...asked,
    method: 'post',
    path: '/v1/applications',
    summary: 'Add an application with its policy',
    roles: ADMINISTRATORS,
    body: z.strictObject({ appId: nameSchema, policy: policyJson }),
    answer: applicationJson,
  }),
  application: route({
    ...asked,
    method: 'get',
    path: '/v1/applications/{appId}',
    summary: 'One application',
    roles: ADMINISTRATORS,
    params: appParams,
    answer: applicationJson,
  }),
  setPolicy: route({
    ...asked,
    method: 'put',
    path: '/v1/applications/{appId}/policy',
    summary: 'Replace an application’s policy; it holds for the next request',
    roles: ADMINISTRATORS,
    params: appParams,
    body: policyJson,
    answer: applicationJson,
  }),
  revokeApplication: route({
    ...asked,
    method: 'post',
    path: '/v1/applications/{appId}/revoke',
    summary: 'Stop every release of an application’s keys, for good',
    roles: ADMINISTRATORS,
    params: appParams,
    answer: applicationJson,
  }),
  keys: route({
    ...asked,
    method: 'get',
    path: KEYS,
    summary: 'An application’s keys by name',
    roles: ADMINISTRATORS,
    params: appParams,
    query: namePage,
    answer: z.object({ items: z.array(keyJson) }),
  }),
  generateKey: route({
    ...asked,
    method: 'post',
    path: KEYS,
    summary: 'Make a key, which nobody gets before it is activated',
    roles: ADMINISTRATORS,
    params: appParams,
    body: z.strictObject({ keyId: nameSchema, algorithm: algorithmSchema }),
    answer: keyJson,
  }),
  key: route({
    ...asked,
    method: 'get',
    path: `${KEYS}/{keyId}`,
    summary: 'What is known of a key; never its bytes',
    roles: ADMINISTRATORS,
    params: keyParams,
    answer: keyJson,
  }),
  activateKey: ofKey('activate', 'Let those whom the policy names have the key'),
  rotateKey: ofKey('rotate', 'Add a version, which seals from now on; older ones only open'),
  revokeKey: ofKey('revoke', 'Stop the key’s release at once and for good'),
  destroyKey: route({
    ...ofKey('destroy', 'Destroy a revoked key, and make every backup anew that holds it'),
    answer: destroyedJson,
  }),
  destruction: route({
    ...asked,
    method: 'get',
    path: `${KEYS}/{keyId}/destruction`,
    summary: 'The signed statement about a destroyed key',
    roles: ADMINISTRATORS,
    params: keyParams,
    answer: destructionJson,
  }),
  release: route({
    ...asked,
    method: 'post',
    path: RELEASE_PATH,
    summary: 'Obtain one of the application’s own keys, wrapped for the requester',
    roles: ['application'],
    body: releaseRequestJson,
    answer: releaseJson,
  }),
  backups: route({
    ...asked,
    method: 'get',
    path: '/v1/backups',
    summary: 'Backups, with the keys whose bytes they hold',
    roles: ADMINISTRATORS,
    answer: z.object({ items: z.array(backupJson) }),
  }),
  createBackup: route({
    ...asked,
    method: 'post',
    path: '/v1/backups',
    summary: 'Make a backup of all applications and keys',
    roles: ADMINISTRATORS,
    answer: z.object({ backupId }),
  }),
  forgetBackup: route({
    ...asked,
    method: 'post',
    path: '/v1/backups/{backupId}/forget',
    summary: 'Take a backup that no longer exists off the record',
    roles: ADMINISTRATORS,
    params: backupParams,
    answer: z.object({ backupId }),
  }),
  anchor: route({
    ...asked,
    method: 'post',
    path: '/v1/audit/anchor',
    summary: 'Put the end of the audit log on the ledger now',
    roles: ADMINISTRATORS,
    answer: z.object({
      /** Entries up to here. */
      count: z.int().min(0),
      transactionHashes: z.array(z.string()),
    }),
  }),
  audit: route({
    ...asked,
    method: 'get',
    path: '/v1/audit',
    summary: 'Entries of the audit log in order; also of a sealed centre',
    roles: LOG_READERS,
    query: z.strictObject({
      /** The number of the last entry of the page before. */
      after: wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER }).optional(),
      limit: pageLimit.optional(),
    }),
    answer: auditPageJson,
  }),
} as const
