import { MerkleHasher } from '@orlop/crypto/merkle'
import { encodeHex } from '@orlop/crypto/bytes'
import { sha256 } from '@orlop/crypto/hash'
import { isOrlopError } from '@orlop/protocol/errors'
import type { BrowserClient } from '@orlop/client-sdk/browser'
import type { Treatment } from '@orlop/client-sdk/policy/schema'

/** Bytes by how they are made, so that a test in Node and a page make the same ones. */
export type Content =
  /** Noise, the same for the same seed. */
  | { readonly lengthBytes: number; readonly seed: number }
  | { readonly text: string; readonly times: number }

export interface SuiteStoreRequest {
  readonly name: string
  readonly content: Content
  readonly overrides?: Treatment
  readonly waitFor?: 'stored' | 'recorded'
}

/** What a test looks at of something that was stored. */
export interface SuiteStored {
  readonly objectId: string
  readonly class: string
  readonly state: string
  readonly plainBytes: number
  readonly sealedBytes: number
  readonly nodeIds: readonly number[]
  readonly acks: number
  readonly cipherPath: string
}

export interface SuiteReadRequest {
  readonly objectId: string
  readonly range?: { readonly start: number; readonly end?: number }
}

/** What was read, by what identifies it. */
export interface SuiteRead {
  readonly name: string
  readonly lengthBytes: number
  readonly sha256: string
  readonly root: string
}

/** A failure by the code that programs branch on. */
export interface SuiteFailure {
  readonly failed: string
}

/** A client under test, in this process or in a page: only plain data goes in and comes out. */
export interface SuiteClient {
  store(request: SuiteStoreRequest): Promise<SuiteStored | SuiteFailure>
  read(request: SuiteReadRequest): Promise<SuiteRead | SuiteFailure>
  find(request: { name?: string; labels?: Record<string, string> }): Promise<string[]>
  /** How each copy was found, and whether the plaintext was opened too. */
  verify(request: { objectId: string }): Promise<{ isOpened: boolean; results: string[] }>
}

/** The suite's view of a client, wherever it runs. */
export function suiteClientOf(client: BrowserClient): SuiteClient {
  return {
    store: ({ name, content, overrides, waitFor = 'stored' }) =>
      orFailure(async () => {
        const source = { bytes: bytesOf(content) }
        const request = { source, name, waitFor, ...(overrides && { overrides }) }
        const stored = await client.store(request)
        const { objectId, state, plainBytes, sealedBytes, cipherPath, strips } = stored
        return {
          objectId,
          class: stored.class,
          state,
          plainBytes,
          sealedBytes,
          nodeIds: strips.map(({ nodeId }) => nodeId),
          acks: strips.filter(({ ack }) => ack !== null).length,
          cipherPath,
        }
      }),
    read: (request) =>
      orFailure(async () => {
        const { entry, stream } = await client.retrieve(request)
        const pieces = await Array.fromAsync(stream, (piece) => piece.slice())
        return { name: entry.name, ...digestsOf(pieces) }
      }),
    find: async (request) => (await client.find(request)).map(({ name }) => name),
    verify: async (request) => {
      const { isOpened, strips } = await client.verify(request)
      return { isOpened, results: strips.map(({ result }) => result) }
    },
  }
}

export function bytesOf(content: Content): Uint8Array {
  if ('text' in content) return new TextEncoder().encode(content.text.repeat(content.times))
  const bytes = new Uint8Array(content.lengthBytes)
  let state = content.seed >>> 0
  for (let at = 0; at < bytes.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

/** What identifies these bytes, by two hashes of different make. */
export function digestsOf(pieces: readonly Uint8Array[]): Omit<SuiteRead, 'name'> {
  const lengthBytes = pieces.reduce((sum, { length }) => sum + length, 0)
  const whole = new Uint8Array(lengthBytes)
  const hasher = new MerkleHasher()
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    hasher.push(piece)
    offset += piece.length
  }
  return { lengthBytes, sha256: encodeHex(sha256(whole)), root: encodeHex(hasher.digest().root) }
}

async function orFailure<T>(work: () => Promise<T>): Promise<T | SuiteFailure> {
  try {
    return await work()
  } catch (error) {
    if (isOrlopError(error)) return { failed: error.code }
    throw error
  }
}
