import type { Handlers } from '../api/route.ts'
import type { Peer } from '../certificates/peer.ts'
import type { Caller } from './operations.ts'
import type { KeyVersion, Platform } from './platform.ts'
import type { PLATFORM_ROUTES } from './platform-routes.ts'

const EMPTY = new Uint8Array(0)

/** What answers each route of `PLATFORM_ROUTES`. */
export function platformHandlers(platform: Platform): Handlers<typeof PLATFORM_ROUTES> {
  return {
    encrypt: ({ peer, body: { keyId, data, additionalData = EMPTY } }) =>
      platform.encrypt(callerOf(peer), keyId, { data, additionalData }),
    decrypt: async ({ peer, body: { keyId, ciphertext, additionalData = EMPTY } }) => ({
      data: await platform.decrypt(callerOf(peer), keyId, { data: ciphertext, additionalData }),
    }),
    mac: ({ peer, body }) => platform.mac(callerOf(peer), keyOf(body), body.data),
    verifyMac: ({ peer, body }) => platform.verifyMac(callerOf(peer), keyOf(body), body),
    sign: ({ peer, body: { encoding = 'der', ...body } }) =>
      platform.sign(callerOf(peer), keyOf(body), { ...body, encoding }),
    verify: ({ peer, body: { encoding = 'der', ...body } }) =>
      platform.verify(callerOf(peer), keyOf(body), { ...body, encoding }),
    publicKey: ({ peer, body }) => platform.publicKey(callerOf(peer), keyOf(body)),
    sealEnvelope: ({ peer, body: { recipient, data } }) =>
      platform.sealEnvelope(callerOf(peer), recipient, data),
    openEnvelope: async ({ peer, body }) => ({
      data: await platform.openEnvelope(callerOf(peer), keyOf(body), body),
    }),
    hash: async ({ peer, body: { algorithm, data } }) => ({
      digest: await platform.hash(callerOf(peer), algorithm, [data]),
    }),
    random: async ({ peer, query: { bytes } }) => ({
      data: await platform.random(callerOf(peer), bytes),
    }),
  }
}

/** The application that a certificate is of. */
export function callerOf({ name, serial }: Peer): Caller {
  return { appId: name, certificate: serial }
}

function keyOf({
  keyId,
  version = null,
}: {
  readonly keyId: string
  readonly version?: number | null | undefined
}): KeyVersion {
  return { keyId, version }
}
