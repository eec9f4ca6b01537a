import { expect } from 'chai'

import { nobleBackend } from '../backends/noble-backend.ts'
import { nodeBackend } from '../backends/node-backend.ts'
import { decodeHex, encodeHex } from '../bytes.ts'
import { defaultChaosEngine } from '../chaos/default-engine.ts'
import { javascriptEngine } from '../chaos/javascript-engine.ts'
import { decodeEnvelope, encodeEnvelope, hashEnvelope } from '../format/envelope.ts'
import { decodeHeader, hashHeader } from '../format/header.ts'
import { unwrapWithPassphrase } from '../keys/passphrase-stanza.ts'
import { unwrapAsRecipient } from '../keys/recipient-stanza.ts'
import { BLOCK_BYTES, LEAF_BYTES, merkleRoot } from '../merkle.ts'
import { verifyBlocks, verifyInclusion } from '../merkle-proof.ts'
import { openChunk, sealChunk } from '../sealing/chunk.ts'
import { openManifest } from '../sealing/manifest.ts'
import { createSealingContext } from '../sealing/sealing-context.ts'
import { recoverAddress } from '../sign.ts'
import { goldenFiles, vectorManifest } from './golden-vectors.ts'
import { patternBytes } from './pattern.ts'
import { readVectors } from './read-vectors.ts'

interface ObjectVector {
  readonly suite: string
  readonly chaosProfile: string
  readonly dataKey: string
  readonly header: string
  readonly headerHash: string
  readonly chunks: readonly {
    readonly chunkNumber: number
    readonly isLast: boolean
    readonly codec: 'stored' | 'zstd'
    readonly body: string
    readonly sealed: string
  }[]
}

type EnvelopeVector = Readonly<
  Record<
    | 'openingSecretKey'
    | 'ledgerAddress'
    | 'passphrase'
    | 'dataKey'
    | 'header'
    | 'manifestSalt'
    | 'envelopeHash'
    | 'envelope',
    string
  >
>

interface MerkleVector {
  readonly roots: readonly { readonly streamBytes: number; readonly root: string }[]
  readonly proofs: {
    readonly streamBytes: number
    readonly root: string
    readonly leaf: readonly { readonly index: number; readonly proof: string }[]
    readonly blocks: readonly {
      readonly firstBlock: number
      readonly endBlock: number
      readonly proof: string
    }[]
  }
}

describe('golden vectors', () => {
  it('are written again byte for byte', async () => {
    for (const [name, content] of Object.entries(await goldenFiles())) {
      expect(JSON.parse(JSON.stringify(content)), name).to.deep.equal(readVectors(name))
    }
  })

  const { objects } = readVectors('orlop-objects.json') as { objects: ObjectVector[] }
  for (const vector of objects) {
    it(`are written and read without Node: object, ${vector.suite}, chaos ${vector.chaosProfile}`, () => {
      for (const chaos of [defaultChaosEngine(), javascriptEngine]) {
        const context = createSealingContext({
          dataKey: decodeHex(vector.dataKey),
          headerBytes: decodeHex(vector.header),
          backend: nobleBackend,
          chaos,
        })
        for (const { codec, body, sealed, ...position } of vector.chunks) {
          const chunk = { codec, body: decodeHex(body) }
          expect(encodeHex(sealChunk(context, position, chunk))).to.equal(sealed)
          expect(openChunk(context, position, decodeHex(sealed))).to.deep.equal(chunk)
        }
      }
    })

    it(`are read: object, ${vector.suite}, chaos ${vector.chaosProfile}`, () => {
      const headerBytes = decodeHex(vector.header)
      expect(decodeHeader(headerBytes).suite).to.equal(vector.suite)
      expect(encodeHex(hashHeader(headerBytes))).to.equal(vector.headerHash)
      const context = createSealingContext({
        dataKey: decodeHex(vector.dataKey),
        headerBytes,
        backend: nodeBackend,
        chaos: javascriptEngine,
      })
      for (const { codec, body, sealed, ...position } of vector.chunks) {
        const opened = openChunk(context, position, decodeHex(sealed))
        expect(opened).to.deep.equal({ codec, body: decodeHex(body) })
      }
    })
  }

  it('are read: envelope, by recipient and by passphrase', async () => {
    const vector = readVectors('orlop-envelope.json') as EnvelopeVector
    const envelope = decodeEnvelope(decodeHex(vector.envelope))
    expect(encodeHex(encodeEnvelope(envelope))).to.equal(vector.envelope)
    const envelopeHash = hashEnvelope(envelope)
    expect(encodeHex(envelopeHash)).to.equal(vector.envelopeHash)
    const address = decodeHex(vector.ledgerAddress)
    expect(recoverAddress(envelopeHash, envelope.signature)).to.deep.equal(address)
    const { headerBytes, stanzas, manifestSalt, sealedManifest } = envelope
    const common = {
      stanzas,
      objectId: decodeHeader(headerBytes).objectId,
      headerHash: hashHeader(headerBytes),
    }
    const secretKey = decodeHex(vector.openingSecretKey)
    const dataKey = unwrapAsRecipient({ ...common, secretKey })
    expect(encodeHex(dataKey!)).to.equal(vector.dataKey)
    const passphrase = new TextDecoder().decode(decodeHex(vector.passphrase))
    expect(await unwrapWithPassphrase({ ...common, passphrase })).to.deep.equal(dataKey)
    const request = { dataKey: dataKey!, headerBytes, manifestSalt, backend: nodeBackend }
    expect(openManifest(request, sealedManifest)).to.deep.equal(vectorManifest())
  })

  it('are read: Merkle roots and proofs', () => {
    const vector = readVectors('orlop-merkle.json') as MerkleVector
    for (const { streamBytes, root } of vector.roots) {
      expect(encodeHex(merkleRoot(patternBytes(streamBytes)))).to.equal(root)
    }
    const { streamBytes } = vector.proofs
    const stream = patternBytes(streamBytes)
    const root = decodeHex(vector.proofs.root)
    for (const { index, proof } of vector.proofs.leaf) {
      const leaf = stream.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES)
      const claim = { leaf, index, streamBytes, proof: decodeHex(proof), root }
      expect(verifyInclusion(claim)).to.equal(true)
    }
    for (const { firstBlock, endBlock, proof } of vector.proofs.blocks) {
      const bytes = stream.subarray(firstBlock * BLOCK_BYTES, endBlock * BLOCK_BYTES)
      verifyBlocks({ bytes, firstBlock, streamBytes, proof: decodeHex(proof), root })
    }
  })
})
