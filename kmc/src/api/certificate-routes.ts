import * as z from 'zod'
import { issuedJson, renewalPath } from '@orlop/protocol/centre/renewal'
import { revocationReasonSchema, serialSchema } from '../certificates/certificate-records.ts'
import {
  CERTIFICATE_ROLES,
  certificateNameSchema,
  roleSchema,
} from '../certificates/certificate-roles.ts'
import { route } from './route.ts'
import { nothing, pageLimit, timeMs } from './values.ts'

const ADMINISTRATORS = ['administrator'] as const
const MAX_DAYS = 1826
const MAX_REQUEST_CHARACTERS = 16 * 1024
const MAX_HOSTS = 16
const MAX_HOST_CHARACTERS = 253

const asked = { params: nothing, query: nothing, body: null } as const
const serialParams = z.strictObject({ serial: serialSchema })
/** PKCS #10 in PEM. */
const requestPem = z.string().max(MAX_REQUEST_CHARACTERS)

/** What is known of a certificate. */
export const certificateJson = z.object({
  serial: serialSchema,
  role: z.enum([...CERTIFICATE_ROLES, 'timestamp']),
  name: z.string(),
  hosts: z.array(z.string()),
  notBeforeMs: timeMs,
  notAfterMs: timeMs,
  revoked: z.object({ atMs: timeMs, reason: revocationReasonSchema }).nullable(),
})

/** What is asked of the centre's certificate authority. */
export const CERTIFICATE_ROUTES = {
  certificates: route({
    ...asked,
    method: 'get',
    path: '/v1/certificates',
    summary: 'Certificates by serial number',
    roles: ADMINISTRATORS,
    query: z.strictObject({ after: serialSchema.optional(), limit: pageLimit.optional() }),
    answer: z.object({ items: z.array(certificateJson) }),
  }),
  issueCertificate: route({
    ...asked,
    method: 'post',
    path: '/v1/certificates',
    summary: 'Issue a certificate for the key of a PKCS #10 request; names in it are not looked at',
    roles: ADMINISTRATORS,
    body: z.strictObject({
      request: requestPem,
      role: roleSchema,
      /** For `application` the `appId`. */
      name: certificateNameSchema,
      /** Names and addresses, for roles that serve. */
      hosts: z.array(z.string().max(MAX_HOST_CHARACTERS)).max(MAX_HOSTS).optional(),
      days: z.int().min(1).max(MAX_DAYS).optional(),
    }),
    answer: issuedJson,
  }),
  renewCertificate: route({
    ...asked,
    method: 'post',
    path: renewalPath('{serial}'),
    summary:
      'Issue the next certificate for the same owner: one’s own, or any for an administrator',
    roles: CERTIFICATE_ROLES,
    params: serialParams,
    /** Without a request the same key is certified again. */
    body: z.strictObject({ request: requestPem.optional() }),
    answer: issuedJson,
  }),
  revokeCertificate: route({
    ...asked,
    method: 'post',
    path: '/v1/certificates/{serial}/revoke',
    summary: 'Revoke a certificate and those that it was renewed by; the centre knows at once',
    roles: ADMINISTRATORS,
    params: serialParams,
    body: z.strictObject({ reason: revocationReasonSchema }),
    answer: z.object({ revoked: z.array(serialSchema) }),
  }),
  authority: route({
    ...asked,
    method: 'get',
    path: '/v1/authority',
    summary: 'The authority’s certificate and its list of revoked ones; also of a sealed centre',
    roles: CERTIFICATE_ROLES,
    answer: z.object({
      /** PEM. */
      certificate: z.string(),
      /** PEM, RFC 5280 section 5. */
      crl: z.string(),
    }),
  }),
} as const
