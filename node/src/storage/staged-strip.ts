import pLimit from 'p-limit'
import { OrlopError } from '@orlop/protocol/errors'
import { GrowingTree, type HashedStrip } from './block-hashes.ts'
import type { Staging, StripKey, StripTerms } from './interfaces.ts'
import { describeStrip } from './strip-name.ts'

/** The bytes below a staged strip: a file, or memory. */
export interface StagingMedium {
  /** Bytes it holds when it is opened. */
  readonly lengthBytes: number
  write(data: Uint8Array, offsetBytes: number): Promise<void>
  /** Cuts off what a failed write left. */
  truncate(lengthBytes: number): Promise<void>
  sync(): Promise<void>
  /** From the start to `lengthBytes`. */
  read(lengthBytes: number): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/**
 * A strip under way: takes bytes in order, hashes them as they come, and knows how many are durable. After a restart, or after
 * a write that failed, the tree is built again from the bytes themselves before it grows further.
 */
export class StagedStrip {
  readonly key: StripKey
  readonly #medium: StagingMedium
  readonly #inOrder = pLimit(1)
  readonly #syncInOrder = pLimit(1)
  #tree: GrowingTree | null
  #receivedBytes: number
  #durableBytes = 0
  #sealed: HashedStrip | null = null
  #holder = 0

  constructor(key: StripKey, medium: StagingMedium) {
    this.key = key
    this.#medium = medium
    this.#receivedBytes = medium.lengthBytes
    this.#tree = medium.lengthBytes === 0 ? new GrowingTree() : null
  }

  get receivedBytes(): number {
    return this.#receivedBytes
  }

  get isHeld(): boolean {
    return this.#holder % 2 === 1
  }

  /** Gives the strip to a new writer, after the call of the earlier one that is under way. */
  async hold(maxBytes: number): Promise<Staging> {
    // Odd = held. Whoever held it before finds another number and stops.
    const holder = (this.#holder += this.isHeld ? 2 : 1)
    await this.#inOrder(() => this.sync())
    return new StagingHandle(this, { holder, maxBytes })
  }

  isHeldBy(holder: number): boolean {
    return this.#holder === holder
  }

  letGo(holder: number): void {
    if (this.#holder === holder) this.#holder += 1
  }

  /** Takes the strip from its writer for good. */
  async end(): Promise<void> {
    if (this.isHeld) this.#holder += 1
    await this.#inOrder(() => this.#syncInOrder(() => this.#medium.close()))
  }

  append(data: Uint8Array, writer: { holder: number; maxBytes: number }): Promise<void> {
    return this.#inOrder(async () => {
      this.assertHeldBy(writer.holder)
      this.#assertRoom(data, writer.maxBytes)
      const tree = await this.#currentTree()
      const writing = this.#medium.write(data, this.#receivedBytes)
      // Hashing runs while the system writes; a failed write costs the tree.
      tree.push(data)
      try {
        await writing
      } catch (error) {
        this.#tree = null
        await this.#medium.truncate(this.#receivedBytes)
        throw error
      }
      this.#receivedBytes += data.length
    })
  }

  async sync(): Promise<number> {
    await this.#syncInOrder(async () => {
      const reached = this.#receivedBytes
      if (reached === this.#durableBytes) return
      await this.#medium.sync()
      this.#durableBytes = reached
    })
    return this.#durableBytes
  }

  get durableBytes(): number {
    return this.#durableBytes
  }

  /** Ends the strip; the same answer from then on. */
  seal(): Promise<HashedStrip> {
    return this.#inOrder(async () => {
      if (this.#sealed !== null) return this.#sealed
      await this.sync()
      const tree = await this.#currentTree()
      this.#tree = null
      this.#sealed = tree.digest()
      return this.#sealed
    })
  }

  assertHeldBy(holder: number): void {
    if (this.isHeldBy(holder)) return
    throw new OrlopError(
      'ABORTED',
      `The upload of ${describeStrip(this.key)} goes on over another stream. Use that one.`,
    )
  }

  async #currentTree(): Promise<GrowingTree> {
    if (this.#tree !== null) return this.#tree
    const tree = new GrowingTree()
    for await (const piece of this.#medium.read(this.#receivedBytes)) tree.push(piece)
    this.#tree = tree
    return tree
  }

  #assertRoom(data: Uint8Array, maxBytes: number): void {
    const what = describeStrip(this.key)
    if (this.#sealed !== null) {
      throw new OrlopError(
        'MALFORMED_MESSAGE',
        `${what} was ended at ${String(this.#sealed.stripBytes)} bytes and takes no more. Commit it or release it.`,
      )
    }
    if (this.#receivedBytes + data.length <= maxBytes) return
    throw new OrlopError(
      'RESERVATION_EXCEEDED',
      `${what} is larger than the ${String(maxBytes)} bytes reserved for it. Make a new offer with the true size.`,
      { details: { maxBytes } },
    )
  }
}

/** One writer's view of a {@link StagedStrip}. */
class StagingHandle implements Staging {
  readonly #strip: StagedStrip
  readonly #writer: { holder: number; maxBytes: number }

  constructor(strip: StagedStrip, writer: { holder: number; maxBytes: number }) {
    this.#strip = strip
    this.#writer = writer
  }

  get key(): StripKey {
    return this.#strip.key
  }

  get receivedBytes(): number {
    return this.#strip.receivedBytes
  }

  get durableBytes(): number {
    return this.#strip.durableBytes
  }

  append(data: Uint8Array): Promise<void> {
    return this.#strip.append(data, this.#writer)
  }

  async sync(): Promise<number> {
    this.#strip.assertHeldBy(this.#writer.holder)
    return this.#strip.sync()
  }

  async seal(): Promise<StripTerms> {
    this.#strip.assertHeldBy(this.#writer.holder)
    const { root, stripBytes } = await this.#strip.seal()
    return { root, stripBytes }
  }

  async close(): Promise<void> {
    this.#strip.letGo(this.#writer.holder)
    await Promise.resolve()
  }
}
