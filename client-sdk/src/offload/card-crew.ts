import type { Crew, RunOptions } from '../pipeline/crew.ts'
import type {
  Operation,
  RequestOf,
  ResultOf,
  SealedWork,
  SealWork,
} from '../pipeline/operations.ts'
import { ownMemory } from '../pipeline/shared-memory.ts'

/** What a crew asks of the sealing of one object. */
export interface ObjectSealing {
  /** Whether a chunk of so many bytes of plaintext is a card's. */
  takes(plainBytes: number): boolean
  /**
   * Lets a card do the cipher of a chunk, the next when one fails.
   *
   * @param message - codec byte and body, not changed
   * @returns null when software has to do it
   * @throws OrlopError `CARD_UNAVAILABLE` when it may not
   */
  seal(
    work: Pick<SealWork, 'context' | 'chunkNumber' | 'isLast'>,
    message: Uint8Array,
  ): Promise<Uint8Array<ArrayBuffer> | null>
  /** Software has sealed one more chunk. */
  countSoftware(): void
  release(): Promise<void>
}

/**
 * Lets cards do the cipher of chunks; another crew does everything else, and all of a chunk when no card can. All give the
 * same bytes, so that a chunk is never sealed in two ways under one nonce.
 */
export class CardCrew implements Crew {
  readonly #crew: Crew
  readonly #sealing: ObjectSealing

  constructor(crew: Crew, sealing: ObjectSealing) {
    this.#crew = crew
    this.#sealing = sealing
  }

  get width(): number {
    return this.#crew.width
  }

  async run<K extends Operation>(
    operation: K,
    request: RequestOf<K>,
    options: RunOptions = {},
  ): Promise<ResultOf<K>> {
    if (operation !== 'seal') return this.#crew.run(operation, request, options)
    return await this.#seal(request as SealWork, options)
  }

  async release(contextId: number): Promise<void> {
    await Promise.all([this.#crew.release(contextId), this.#sealing.release()])
  }

  async #seal(work: SealWork, options: RunOptions): Promise<SealedWork> {
    if (!this.#sealing.takes(work.plain.length)) return this.#sealBySoftware(work, options)
    const { plain, compression, target, hashPlain } = work
    const encoded = await this.#crew.run(
      'encode',
      { plain, compression, target, hashPlain },
      options,
    )
    const { message, codec, plainSha256 } = encoded
    const given = await this.#sealing.seal(work, message)
    if (given === null) {
      const again = { ...work, plain: encoded.plain, target: message.buffer }
      const transfer = [message.buffer, ...ownMemory(encoded.plain)]
      return this.#sealBySoftware(again, { transfer })
    }
    const sealed = await this.#layChaos(work, into(message.buffer, given))
    return { sealed, plain: encoded.plain, codec, plainSha256 }
  }

  async #layChaos(
    { context, chunkNumber }: SealWork,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const work = { context, chunkNumber, data }
    return (await this.#crew.run('chaos', work, { transfer: [data.buffer] })).data
  }

  async #sealBySoftware(work: SealWork, options: RunOptions): Promise<SealedWork> {
    const sealed = await this.#crew.run('seal', work, options)
    this.#sealing.countSoftware()
    return sealed
  }
}

/** Overwrites the plaintext of the message with what became of it, in the same memory where it fits. */
function into(memory: ArrayBuffer, sealed: Uint8Array): Uint8Array<ArrayBuffer> {
  const isLongEnough = sealed.length <= memory.byteLength
  const target = isLongEnough ? new Uint8Array(memory, 0, sealed.length) : new Uint8Array(sealed)
  if (isLongEnough) target.set(sealed)
  else new Uint8Array(memory).fill(0)
  return target
}
