import { BLOCK_BYTES, MERKLE_HASH_BYTES, MerkleHasher, blockCount } from '@orlop/crypto/merkle'
import { compareBytes } from '@orlop/crypto/bytes'
import { merkleRootOfHashes } from '@orlop/crypto/merkle'
import type { StripTerms } from './interfaces.ts'

/** What a whole strip hashes to, with the hash of every 64 KiB block. */
export interface HashedStrip extends StripTerms {
  /** 32 bytes a block, side by side. */
  blockHashes: Uint8Array
}

/** The tree of a strip that is still growing. */
export class GrowingTree {
  #blockHashes = new Uint8Array(16 * MERKLE_HASH_BYTES)
  #blocks = 0
  readonly #hasher = new MerkleHasher({
    onBlock: (hash) => {
      this.#add(hash)
    },
  })

  push(bytes: Uint8Array): void {
    this.#hasher.push(bytes)
  }

  /** Ends the tree. */
  digest(): HashedStrip {
    const { root, streamBytes } = this.#hasher.digest()
    const blockHashes = this.#blockHashes.slice(0, this.#blocks * MERKLE_HASH_BYTES)
    return { root, stripBytes: streamBytes, blockHashes }
  }

  #add(hash: Uint8Array): void {
    const at = this.#blocks * MERKLE_HASH_BYTES
    if (at === this.#blockHashes.length) {
      const grown = new Uint8Array(2 * at)
      grown.set(this.#blockHashes)
      this.#blockHashes = grown
    }
    this.#blockHashes.set(hash, at)
    this.#blocks += 1
  }
}

/** Hashes a strip that is read from the start. */
export async function hashStrip(pieces: AsyncIterable<Uint8Array>): Promise<HashedStrip> {
  const tree = new GrowingTree()
  for await (const piece of pieces) tree.push(piece)
  return tree.digest()
}

/** Whether two descriptions of a strip mean the same bytes. */
export function sameTerms(left: StripTerms, right: StripTerms): boolean {
  return left.stripBytes === right.stripBytes && compareBytes(left.root, right.root) === 0
}

/** Whether these block hashes lead to the strip's root (RFC 9162 2.1.1: a block is an aligned subtree). */
export function leadsToRoot(blockHashes: Uint8Array, terms: StripTerms): boolean {
  if (blockHashes.length !== blockCount(terms.stripBytes) * MERKLE_HASH_BYTES) return false
  return compareBytes(merkleRootOfHashes(blockHashes), terms.root) === 0
}

/** A strip of one block needs no file of hashes: its root is the block's hash. */
export function isOneBlock(stripBytes: number): boolean {
  return stripBytes <= BLOCK_BYTES
}
