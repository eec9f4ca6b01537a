import { nodeBackend } from '../backends/node-backend.ts'
import { concat, encodeHex, encodeUtf8 } from '../bytes.ts'
import { encodeEnvelope, hashEnvelope } from '../format/envelope.ts'
import type { Stanza } from '../format/envelope.ts'
import { hashHeader } from '../format/header.ts'
import { encodeManifest } from '../format/manifest.ts'
import type { Manifest } from '../format/manifest.ts'
import { sha256 } from '../hash.ts'
import { deriveClientKeys } from '../keys/client-keys.ts'
import { wrapForPassphrase } from '../keys/passphrase-stanza.ts'
import { wrapForRecipient } from '../keys/recipient-stanza.ts'
import { buildBlockProof, buildInclusionProof } from '../merkle-proof.ts'
import { hashPiece, MerkleHasher } from '../merkle.ts'
import { sealManifest } from '../sealing/manifest.ts'
import { sealChunk } from '../sealing/chunk.ts'
import { ethereumAddress, publicKey, signDigest } from '../sign.ts'
import { x25519PublicKey } from '../x25519.ts'
import { EVERY_SUITE_AND_PROFILE, makeFixture } from './fixtures.ts'
import { namedBytes, patternBytes } from './pattern.ts'
import { stanzaVectors } from './stanza-vectors.ts'

/** Passphrase of the vectors' second stanza; its code points are in form D, to be normalised. */
const VECTOR_PASSPHRASE = 'le\u0301gende du pont'

const CHUNKS = [
  { chunkNumber: 0, isLast: false, codec: 'stored', bodyBytes: 96 },
  { chunkNumber: 1, isLast: false, codec: 'zstd', bodyBytes: 33 },
  { chunkNumber: 2, isLast: true, codec: 'stored', bodyBytes: 0 },
] as const

/** One object per suite and profile: its header, and three chunks in full. */
function objectVectors(): object[] {
  return EVERY_SUITE_AND_PROFILE.map((options) => {
    const fixture = makeFixture({ ...options, name: `${options.suite} ${options.chaosProfile}` })
    const { header, headerBytes, context, dataKey } = fixture
    return {
      suite: header.suite,
      level: header.level,
      chaosProfile: header.chaosProfile,
      dataKey: encodeHex(dataKey),
      objectId: encodeHex(header.objectId),
      salt: encodeHex(header.salt),
      commitment: encodeHex(header.commitment),
      header: encodeHex(headerBytes),
      headerHash: encodeHex(hashHeader(headerBytes)),
      cipherKey: encodeHex(context.keys.cipherKey),
      noncePrefix: encodeHex(context.keys.noncePrefix),
      chaosKey: context.keys.chaosKey === null ? null : encodeHex(context.keys.chaosKey),
      chunks: CHUNKS.map(({ bodyBytes, codec, ...position }) => {
        const body = patternBytes(bodyBytes)
        const sealed = sealChunk(context, position, { codec, body })
        return { ...position, codec, body: encodeHex(body), sealed: encodeHex(sealed) }
      }),
    }
  })
}

/** The manifest of the envelope vector. */
export function vectorManifest(): Manifest {
  const plaintext = patternBytes(1500)
  return {
    name: 'voyage/航海計画 № 7.rtz',
    plainBytes: plaintext.length,
    plainSha256: sha256(plaintext),
    mediaType: 'application/xml',
    classCode: 1,
    importance: 1,
    level: 2,
    codec: 'zstd-3',
    labels: { voyage: '2026-07', leg: 'Rotterdam–Halifax' },
    createdMs: 1_780_000_000_000,
    chunkBytes: 1024,
    sealedChunkBytes: [611, 340],
    cipherPath: 'zstd > aes-256-gcm > chaos/wide',
  }
}

/** A whole envelope with its keys, stanzas, manifest and hash. */
async function envelopeVector(): Promise<object> {
  const fixture = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'wide', name: 'envelope' })
  const { dataKey, header, headerBytes } = fixture
  const seed = namedBytes('client seed', 32)
  const keys = deriveClientKeys(seed)
  const recipientPublicKey = x25519PublicKey(keys.openingSecretKey)
  const common = { dataKey, objectId: header.objectId, headerHash: hashHeader(headerBytes) }
  const stanzas: Stanza[] = [
    wrapForRecipient({
      ...common,
      recipientPublicKey,
      randomBytes: (lengthBytes) => namedBytes('ephemeral secret', lengthBytes),
    }),
    await wrapForPassphrase({
      ...common,
      passphrase: VECTOR_PASSPHRASE,
      cost: { logN: 10, r: 8, p: 1 },
      randomBytes: (lengthBytes) => namedBytes('scrypt salt', lengthBytes),
    }),
  ]
  const manifestSalt = namedBytes('manifest salt', 32)
  const manifest = vectorManifest()
  const unsigned = {
    headerBytes,
    version: 1,
    previousHash: new Uint8Array(32),
    stanzas,
    manifestSalt,
    sealedManifest: sealManifest(
      { dataKey, headerBytes, manifestSalt, backend: nodeBackend },
      manifest,
    ),
  }
  const envelopeHash = hashEnvelope(unsigned)
  // The product signs the EIP-712 EnvelopeUpdate; these vectors show the bytes alone.
  const signature = signDigest(envelopeHash, keys.ledgerSecretKey)
  return {
    seed: encodeHex(seed),
    ledgerSecretKey: encodeHex(keys.ledgerSecretKey),
    ledgerAddress: encodeHex(ethereumAddress(publicKey(keys.ledgerSecretKey))),
    openingSecretKey: encodeHex(keys.openingSecretKey),
    openingPublicKey: encodeHex(recipientPublicKey),
    ephemeralSecret: encodeHex(namedBytes('ephemeral secret', 32)),
    passphrase: encodeHex(encodeUtf8(VECTOR_PASSPHRASE)),
    dataKey: encodeHex(dataKey),
    header: encodeHex(headerBytes),
    manifestSalt: encodeHex(manifestSalt),
    manifest: encodeHex(encodeManifest(manifest)),
    envelopeHash: encodeHex(envelopeHash),
    envelope: encodeHex(encodeEnvelope({ ...unsigned, signature })),
  }
}

const MERKLE_LENGTHS = [0, 1, 4095, 4096, 4097, 8192, 12_288, 65_535, 65_536, 65_537, 204_800]
const PROOF_STREAM_BYTES = 300_000

/** Roots of pattern streams, and proofs for parts of one of them. */
function merkleVectors(): object {
  const stream = patternBytes(PROOF_STREAM_BYTES)
  const blockHashes: Uint8Array[] = []
  const hasher = new MerkleHasher({ onBlock: (hash) => blockHashes.push(hash) })
  hasher.push(stream)
  const { root } = hasher.digest()
  const leafHashes = hashPiece(stream, 0).leafHashes
  const lastLeaf = new MerkleHasher()
  lastLeaf.push(hashPiece(stream, 0).tail)
  const allLeaves = concat(leafHashes, lastLeaf.digest().root)
  return {
    pattern: 'byte i is (i * 31 + floor(i / 251)) mod 256',
    roots: MERKLE_LENGTHS.map((streamBytes) => {
      const each = new MerkleHasher()
      each.push(patternBytes(streamBytes))
      return { streamBytes, root: encodeHex(each.digest().root) }
    }),
    proofs: {
      streamBytes: PROOF_STREAM_BYTES,
      root: encodeHex(root),
      blockHashes: blockHashes.map(encodeHex),
      leaf: [0, 41, 73].map((index) => ({
        index,
        proof: encodeHex(buildInclusionProof(allLeaves, index)),
      })),
      blocks: [
        { firstBlock: 0, endBlock: 1 },
        { firstBlock: 1, endBlock: 3 },
        { firstBlock: 4, endBlock: 5 },
      ].map((run) => ({ ...run, proof: encodeHex(buildBlockProof(concat(...blockHashes), run)) })),
    },
  }
}

/** Every golden file by its name in `crypto/vectors/`. */
export async function goldenFiles(): Promise<Readonly<Record<string, object>>> {
  return {
    'orlop-objects.json': { version: 1, objects: objectVectors() },
    'orlop-envelope.json': { version: 1, ...(await envelopeVector()) },
    'orlop-stanzas.json': { version: 1, ...stanzaVectors() },
    'orlop-merkle.json': { version: 1, ...merkleVectors() },
  }
}
