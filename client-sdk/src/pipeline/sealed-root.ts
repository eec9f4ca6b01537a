import { MerkleHasher } from '@orlop/crypto/merkle'

import type { Crew } from './crew.ts'

/**
 * The Merkle root of a sealed stream that comes in pieces of any size, hashed by a crew.
 *
 * @param pieces a piece may be overwritten once the next is asked for.
 * @throws what `pieces` throws.
 */
export async function sealedRoot(
  pieces: AsyncIterable<Uint8Array>,
  crew: Crew,
): Promise<Uint8Array> {
  const hasher = new MerkleHasher()
  let offset = 0
  for await (const piece of pieces) {
    // Not its own `slice`, which copies nothing where the piece is a Buffer.
    const sealed = new Uint8Array(piece)
    const work = { sealed, offset }
    offset += sealed.length
    const hashed = await crew.run('leaves', work, { transfer: [sealed.buffer] })
    hasher.pushPiece(hashed.piece)
  }
  return hasher.digest().root
}
