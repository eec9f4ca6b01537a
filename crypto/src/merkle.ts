import { sha256Into } from '#sha256'

import { assertBytes, assertInteger } from './bytes.ts'

/** A leaf covers this many bytes of the stream; the last one may cover fewer (formats.md 5). */
export const LEAF_BYTES = 4096
/** A block is the subtree of this many leaves: the unit in which range reads are verified. */
const BLOCK_LEAVES = 16
/** Bytes of the stream under one block, except the last. */
export const BLOCK_BYTES = LEAF_BYTES * BLOCK_LEAVES
/** Length of a leaf hash, a block hash, a root. */
export const MERKLE_HASH_BYTES = 32

const LEAF_PREFIX = 0x00
const NODE_PREFIX = 0x01
const BLOCK_HEIGHT = 4
const MAX_HEIGHT = 53

/** How many leaves a stream has; an empty stream has none. */
export function leafCount(streamBytes: number): number {
  assertInteger('streamBytes', streamBytes, { min: 0, max: Number.MAX_SAFE_INTEGER })
  return Math.ceil(streamBytes / LEAF_BYTES)
}

/** How many blocks of 64 KiB a stream has, the short last one counted. */
export function blockCount(streamBytes: number): number {
  assertInteger('streamBytes', streamBytes, { min: 0, max: Number.MAX_SAFE_INTEGER })
  return Math.ceil(streamBytes / BLOCK_BYTES)
}

// Scratch messages: RFC 9162 2.1.1 prefixes stay in place, so hashing a node allocates nothing.
const leafMessage = new Uint8Array(1 + LEAF_BYTES)
leafMessage[0] = LEAF_PREFIX
const nodeMessage = new Uint8Array(1 + 2 * MERKLE_HASH_BYTES)
nodeMessage[0] = NODE_PREFIX

function hashLeafInto(leaf: Uint8Array, target: Uint8Array, offset: number): void {
  leafMessage.set(leaf, 1)
  const message =
    leaf.length === LEAF_BYTES ? leafMessage : leafMessage.subarray(0, 1 + leaf.length)
  sha256Into(message, target, offset)
}

/** Hashes two neighbours that lie side by side at `offset` into their parent, at `offset`. */
function hashPairInto(hashes: Uint8Array, offset: number): void {
  for (let index = 0; index < 64; index++) nodeMessage[1 + index] = hashes[offset + index] ?? 0
  sha256Into(nodeMessage, hashes, offset)
}

/** Hash of one leaf. @throws RangeError when it is empty or longer than 4096 bytes */
export function hashLeaf(leaf: Uint8Array): Uint8Array<ArrayBuffer> {
  assertBytes('leaf', leaf)
  assertInteger('leaf length', leaf.length, { min: 1, max: LEAF_BYTES })
  const digest = new Uint8Array(MERKLE_HASH_BYTES)
  hashLeafInto(leaf, digest, 0)
  return digest
}

/** Hash of an inner node from its two children, 32 bytes each (RFC 9162 2.1.1). */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  assertBytes('left', left, MERKLE_HASH_BYTES)
  assertBytes('right', right, MERKLE_HASH_BYTES)
  nodeMessage.set(left, 1)
  nodeMessage.set(right, 1 + MERKLE_HASH_BYTES)
  const digest = new Uint8Array(MERKLE_HASH_BYTES)
  sha256Into(nodeMessage, digest, 0)
  return digest
}

/** A piece of a stream with its whole leaves already hashed, as {@link hashPiece} makes it. */
export interface HashedPiece {
  /** Bytes before the first leaf boundary: the end of a leaf that an earlier piece began. */
  readonly head: Uint8Array
  /** Hashes of the whole leaves after it, 32 bytes each, side by side. */
  readonly leafHashes: Uint8Array
  /** Bytes after the last whole leaf: the beginning of a leaf that a later piece ends. */
  readonly tail: Uint8Array
}

/**
 * Hashes the whole leaves inside a piece of a stream, so that workers can share the work; the
 * pieces are then given to {@link MerkleHasher.pushPiece} in stream order.
 *
 * @param bytes - the piece; `head` and `tail` of the result are views of it
 * @param offset - where the piece begins in the stream, in bytes
 */
export function hashPiece(bytes: Uint8Array, offset: number): HashedPiece {
  assertBytes('bytes', bytes)
  assertInteger('offset', offset, { min: 0, max: Number.MAX_SAFE_INTEGER })
  const toBoundary = (LEAF_BYTES - (offset % LEAF_BYTES)) % LEAF_BYTES
  const headBytes = Math.min(toBoundary, bytes.length)
  const leaves = Math.floor((bytes.length - headBytes) / LEAF_BYTES)
  const leafHashes = new Uint8Array(leaves * MERKLE_HASH_BYTES)
  for (let leaf = 0; leaf < leaves; leaf++) {
    const start = headBytes + leaf * LEAF_BYTES
    const view = bytes.subarray(start, start + LEAF_BYTES)
    hashLeafInto(view, leafHashes, leaf * MERKLE_HASH_BYTES)
  }
  return {
    head: bytes.subarray(0, headBytes),
    leafHashes,
    tail: bytes.subarray(headBytes + leaves * LEAF_BYTES),
  }
}

/** What a whole stream hashes to. */
export interface MerkleResult {
  /** RFC 9162 tree hash; SHA-256 of nothing for an empty stream. */
  readonly root: Uint8Array<ArrayBuffer>
  /** Length of the stream. */
  readonly streamBytes: number
}

/** Options of {@link MerkleHasher}. */
export interface MerkleHasherOptions {
  /**
   * Called with the hash of every block of 64 KiB as it is complete, in stream order, the short
   * last block included. The hash is a fresh copy.
   */
  readonly onBlock?: (blockHash: Uint8Array<ArrayBuffer>, blockNumber: number) => void
}

/**
 * Computes the RFC 9162 tree hash (2.1.1) of a stream over leaves of 4 KiB, in constant memory.
 * Pieces may have any size. An instance serves one stream.
 */
export class MerkleHasher {
  readonly #onBlock: MerkleHasherOptions['onBlock']
  // Roots of the complete subtrees so far, largest first, side by side; a subtree of 2^h leaves
  // exists exactly when bit h of the leaf count is set.
  readonly #stack = new Uint8Array((MAX_HEIGHT + 2) * MERKLE_HASH_BYTES)
  readonly #partialLeaf = new Uint8Array(LEAF_BYTES)
  #partialBytes = 0
  #depth = 0
  #leaves = 0
  #streamBytes = 0
  #done = false

  constructor(options: MerkleHasherOptions = {}) {
    this.#onBlock = options.onBlock
  }

  /** Bytes taken so far. */
  get streamBytes(): number {
    return this.#streamBytes
  }

  /** Adds bytes; they are not kept. @throws TypeError after {@link digest} */
  push(bytes: Uint8Array): void {
    this.#assertOpen()
    assertBytes('bytes', bytes)
    this.#streamBytes += bytes.length
    let offset = 0
    if (this.#partialBytes > 0) {
      offset = Math.min(LEAF_BYTES - this.#partialBytes, bytes.length)
      this.#appendPartial(bytes.subarray(0, offset))
    }
    for (; offset + LEAF_BYTES <= bytes.length; offset += LEAF_BYTES) {
      hashLeafInto(
        bytes.subarray(offset, offset + LEAF_BYTES),
        this.#stack,
        this.#depth * MERKLE_HASH_BYTES,
      )
      this.#leafAdded()
    }
    if (offset < bytes.length) this.#appendPartial(bytes.subarray(offset))
  }

  /**
   * Adds a piece whose whole leaves were hashed elsewhere.
   *
   * @throws RangeError when the piece was hashed for another offset than the stream's present end
   */
  pushPiece(piece: HashedPiece): void {
    this.push(piece.head)
    if (piece.leafHashes.length > 0) {
      if (this.#partialBytes > 0 || piece.leafHashes.length % MERKLE_HASH_BYTES !== 0) {
        throw new RangeError('piece: expected one hashed for the present end of the stream')
      }
      for (let at = 0; at < piece.leafHashes.length; at += MERKLE_HASH_BYTES) {
        const leafHash = piece.leafHashes.subarray(at, at + MERKLE_HASH_BYTES)
        this.#stack.set(leafHash, this.#depth * MERKLE_HASH_BYTES)
        this.#leafAdded()
      }
      this.#streamBytes += (piece.leafHashes.length / MERKLE_HASH_BYTES) * LEAF_BYTES
    }
    this.push(piece.tail)
  }

  /** Ends the stream. @throws TypeError when called twice */
  digest(): MerkleResult {
    this.#assertOpen()
    this.#done = true
    if (this.#partialBytes > 0) {
      const leaf = this.#partialLeaf.subarray(0, this.#partialBytes)
      hashLeafInto(leaf, this.#stack, this.#depth * MERKLE_HASH_BYTES)
      this.#leafAdded()
    }
    const root = new Uint8Array(MERKLE_HASH_BYTES)
    if (this.#leaves === 0) {
      sha256Into(new Uint8Array(0), root, 0)
      return { root, streamBytes: 0 }
    }
    // Right to left: a smaller subtree is always the right-hand neighbour of the one before it.
    const wholeBlocks = Math.floor(this.#leaves / BLOCK_LEAVES)
    const depthAboveBlocks = countBits(wholeBlocks)
    this.#foldTo(depthAboveBlocks + 1)
    if (this.#leaves % BLOCK_LEAVES !== 0) this.#reportBlock(depthAboveBlocks, wholeBlocks)
    this.#foldTo(1)
    root.set(this.#stack.subarray(0, MERKLE_HASH_BYTES))
    return { root, streamBytes: this.#streamBytes }
  }

  #appendPartial(bytes: Uint8Array): void {
    this.#partialLeaf.set(bytes, this.#partialBytes)
    this.#partialBytes += bytes.length
    if (this.#partialBytes < LEAF_BYTES) return
    hashLeafInto(this.#partialLeaf, this.#stack, this.#depth * MERKLE_HASH_BYTES)
    this.#partialBytes = 0
    this.#leafAdded()
  }

  /** Merges equal-sized neighbours after a leaf hash was put on top of the stack. */
  #leafAdded(): void {
    const leavesBefore = this.#leaves
    this.#leaves += 1
    this.#depth += 1
    let below = leavesBefore
    for (let height = 1; below % 2 === 1; height++) {
      this.#depth -= 1
      hashPairInto(this.#stack, (this.#depth - 1) * MERKLE_HASH_BYTES)
      if (height === BLOCK_HEIGHT) {
        this.#reportBlock(this.#depth - 1, this.#leaves / BLOCK_LEAVES - 1)
      }
      below = (below - 1) / 2
    }
  }

  #foldTo(depth: number): void {
    while (this.#depth > depth) {
      this.#depth -= 1
      hashPairInto(this.#stack, (this.#depth - 1) * MERKLE_HASH_BYTES)
    }
  }

  #reportBlock(position: number, blockNumber: number): void {
    if (this.#onBlock === undefined) return
    const start = position * MERKLE_HASH_BYTES
    this.#onBlock(this.#stack.slice(start, start + MERKLE_HASH_BYTES), blockNumber)
  }

  #assertOpen(): void {
    if (this.#done) throw new TypeError('MerkleHasher: expected an open stream, got a digested one')
  }
}

/** Tree hash of bytes held in memory; also the hash of one block of at most 64 KiB. */
export function merkleRoot(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const hasher = new MerkleHasher()
  hasher.push(bytes)
  return hasher.digest().root
}

/**
 * Tree hash over hashes of neighbouring leaves, or of neighbouring blocks: since a block is an
 * aligned power of two of leaves, both give the root of the stream.
 *
 * @param hashes - 32 bytes each, side by side, in stream order
 */
export function merkleRootOfHashes(hashes: Uint8Array): Uint8Array<ArrayBuffer> {
  assertHashes('hashes', hashes)
  const hasher = new MerkleHasher()
  hasher.pushPiece({ head: new Uint8Array(0), leafHashes: hashes, tail: new Uint8Array(0) })
  return hasher.digest().root
}

function assertHashes(label: string, hashes: unknown): asserts hashes is Uint8Array {
  assertBytes(label, hashes)
  if (hashes.length % MERKLE_HASH_BYTES !== 0) {
    throw new RangeError(`${label}: expected a multiple of 32 bytes, got ${String(hashes.length)}`)
  }
}

function countBits(value: number): number {
  let bits = 0
  for (let rest = value; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2
  return bits
}
