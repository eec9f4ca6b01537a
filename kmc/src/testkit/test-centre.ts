import { randomBytes } from '@orlop/crypto/bytes'
import { ethereumAddress, generateSecretKey, publicKey } from '@orlop/crypto/sign'
import type { SecretShare } from '@orlop/crypto/thresholds/secret-shares'
import { generateX25519SecretKey, x25519PublicKey } from '@orlop/crypto/x25519'
import { type Centre, composeCentre } from '../centre.ts'
import { Applications } from '../keys/applications.ts'
import { Keys } from '../keys/keys.ts'
import type { Policy } from '../keys/records.ts'
import { type ReleaseRequest, signReleaseRequest } from '@orlop/crypto/keys/release-request'
import { Releases } from '../keys/releases.ts'
import { KmcError } from '../kmc-error.ts'
import { MonitoredSource } from '../random/monitored-source.ts'
import { createRoot } from '../root/create-root.ts'
import { type RootRecord, storeRootRecord } from '../root/root-record.ts'
import { Seal } from '../root/seal.ts'
import type { KeyStore } from '../store/key-store.ts'
import { MemoryKeyStore } from '../store/memory-key-store.ts'

/** A device or client that may obtain keys. */
export class TestRequester {
  readonly requesterId: string
  readonly openingSecret = generateX25519SecretKey()
  readonly signingSecret = generateSecretKey()

  constructor(requesterId: string) {
    this.requesterId = requesterId
  }

  /** What a policy says of it. */
  get entry() {
    return {
      requesterId: this.requesterId,
      signer: ethereumAddress(publicKey(this.signingSecret)),
      openingKey: x25519PublicKey(this.openingSecret),
    }
  }
}

/** A centre in memory, unsealed, with a clock that stands still and everything random that it ever drew. */
export interface TestCentre extends Centre {
  readonly record: RootRecord
  readonly shares: readonly SecretShare[]
  readonly time: { nowMs: number; monotonicMs: number }
  readonly drawn: Uint8Array[]
  readonly applications: Applications
  readonly keys: Keys
  readonly releases: Releases
  readonly ask: (from: TestRequester, request: Partial<ReleaseRequest>) => ReleaseRequest
  readonly sign: (
    from: TestRequester,
    request: ReleaseRequest,
  ) => ReturnType<typeof signReleaseRequest>
}

export async function openTestCentre(store: KeyStore = new MemoryKeyStore()): Promise<TestCentre> {
  const time = { nowMs: 1_800_000_000_000, monotonicMs: 0 }
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.monotonicMs }
  const drawn: Uint8Array[] = []
  const source = (lengthBytes: number) => {
    const bytes = randomBytes(lengthBytes)
    drawn.push(bytes.slice())
    return bytes
  }
  const random = new MonitoredSource({ source, clock, tests: [], sequenceBytes: 1 })
  await random.test()
  const generate = (lengthBytes: number) => random.generate(lengthBytes)
  const { record, shares } = await createRoot({ threshold: 2, shares: 3, generate })
  await storeRootRecord(store, record)
  const seal = new Seal(record)
  await seal.submit(shares[0] as SecretShare)
  await seal.submit(shares[2] as SecretShare)
  const centre = composeCentre({ store, seal, random, clock })
  return {
    ...centre,
    record,
    shares,
    time,
    drawn,
    applications: new Applications(centre),
    keys: new Keys(centre),
    releases: new Releases(centre),
    ask: (from, request) => ({
      appId: 'voyage',
      keyId: 'log',
      requesterId: from.requesterId,
      purpose: 'open',
      version: null,
      requestId: randomBytes(16),
      timeMs: time.nowMs,
      ...request,
    }),
    sign: (from, request) => signReleaseRequest(seal.centreId, request, from.signingSecret),
  }
}

export function policyFor(
  requesters: readonly TestRequester[],
  changes: Partial<Policy> = {},
): Policy {
  return {
    requesters: requesters.map(({ entry }) => entry),
    algorithms: ['aes-256-gcm'],
    maxKeys: 10,
    maxReleasesPerHour: 100,
    ...changes,
  }
}

/** The code of the centre's error that work ends with; null when it succeeds. */
export async function codeOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work
    return null
  } catch (error) {
    if (error instanceof KmcError) return error.code
    throw error
  }
}
