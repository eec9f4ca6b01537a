import { expect } from 'chai'
import type { SuiteName } from '@orlop/crypto/format/header'
import {
  bytesOf,
  type Content,
  digestsOf,
  type SuiteClient,
  type SuiteStored,
} from './suite-client.ts'

const CHUNK_BYTES = 4 * 1024 * 1024
const SENTENCES = { text: '$GPGLL,4916.45,N,12311.12,W,225444,A*31\r\n', times: 5_000 }

/** A client and what it is tested with. */
export interface SdkSetup {
  readonly client: SuiteClient
  /** The same client elsewhere, which knows nothing but the same keys. */
  readonly other: SuiteClient
}

/** What every client does, wherever it runs: stores, finds, reads, checks, and reads what the same client stored elsewhere. */
export function sdkClientConformance(name: string, setup: () => Promise<SdkSetup>): void {
  describe(`sdk client: ${name}`, () => {
    let client: SuiteClient
    let other: SuiteClient

    before(async () => {
      ;({ client, other } = await setup())
    })

    it('brings back the same bytes, with proofs of every node and of the ledger', async () => {
      const content = { lengthBytes: 300_000, seed: 1 }
      const stored = await storeWith(client, 'log.bin', content, { waitFor: 'recorded' })
      expect(stored.state).to.equal('recorded')
      expect(new Set(stored.nodeIds).size).to.equal(2)
      expect(stored.acks).to.equal(2)
      await expectContent(client, stored, 'log.bin', content)
      const { isOpened, results } = await client.verify(stored)
      expect(isOpened).to.equal(true)
      expect(results).to.deep.equal(['sound', 'sound'])
    })

    for (const lengthBytes of [0, 1, 4096, 65_537, CHUNK_BYTES, CHUNK_BYTES + 1]) {
      it(`keeps an object of ${lengthBytes} bytes`, async () => {
        const content = { lengthBytes, seed: 2 }
        const stored = await storeWith(client, 'sized', content)
        await expectContent(client, stored, 'sized', content)
      })
    }

    it('keeps names of any Unicode and labels, and finds objects by them', async () => {
      const objectName = 'Überfahrt/航海計画 🚢\u0007\u202E.txt'
      const overrides = { labels: { voyage: '007-N', überschrift: 'ja' } }
      await storeWith(client, objectName, { lengthBytes: 10, seed: 3 }, { overrides })
      const wanted = { name: 'überfahrt', labels: { voyage: '007-N' } }
      expect(await client.find(wanted)).to.deep.equal([objectName])
      expect(await client.find({ labels: { voyage: '008-N' } })).to.deep.equal([])
    })

    it('classifies by content and compresses what gets shorter', async () => {
      const stored = await storeWith(client, 'sentences.txt', SENTENCES)
      expect(stored.class).to.equal('nmea-log')
      expect(stored.sealedBytes).to.be.lessThan(stored.plainBytes / 2)
      expect(stored.cipherPath).to.match(/^zstd-9 > aes-256-gcm > chaos\/wide$/)
    })

    it('reads a range that crosses chunks', async () => {
      const content = { lengthBytes: CHUNK_BYTES + 1000, seed: 4 }
      const { objectId } = await storeWith(client, 'ranged', content)
      const range = { start: CHUNK_BYTES - 500, end: CHUNK_BYTES + 500 }
      const expected = digestsOf([bytesOf(content).subarray(range.start, range.end)])
      expect(await client.read({ objectId, range })).to.deep.equal({ name: 'ranged', ...expected })
      const outside = await client.read({ objectId, range: { start: CHUNK_BYTES + 1001 } })
      expect(outside).to.deep.equal({ failed: 'USAGE' })
    })

    it('says that an object is unknown', async () => {
      const objectId = `orlop:${'a'.repeat(52)}`
      expect(await client.read({ objectId })).to.deep.equal({ failed: 'OBJECT_NOT_FOUND' })
    })

    const suites: SuiteName[] = ['aes-256-gcm', 'xchacha20-poly1305', 'sm4-ctr-hmac-sm3', 'sm4-gcm']
    for (const suite of suites) {
      for (const treatment of [
        { level: 1, codec: 'stored' },
        { level: 2, chaos: 'wide', codec: 'zstd' },
        { level: 2, chaos: 'paper', codec: 'zstd' },
      ] as const) {
        const path = [treatment.codec, suite, 'chaos' in treatment ? treatment.chaos : 'no chaos']
        it(`is read elsewhere, and reads what was stored there: ${path.join(', ')}`, async () => {
          const waited = { overrides: { ...treatment, suite }, waitFor: 'recorded' } as const
          const cross = async (writer: SuiteClient, reader: SuiteClient): Promise<void> => {
            const stored = await storeWith(writer, 'crossing', SENTENCES, waited)
            expect(stored.cipherPath).to.contain(suite)
            expect(stored.cipherPath.startsWith(treatment.codec)).to.equal(true)
            await expectContent(reader, stored, 'crossing', SENTENCES)
          }
          // At the same time: both wait for the ledger.
          await Promise.all([cross(client, other), cross(other, client)])
        })
      }
    }
  })
}

async function storeWith(
  client: SuiteClient,
  name: string,
  content: Content,
  options: Partial<Parameters<SuiteClient['store']>[0]> = {},
): Promise<SuiteStored> {
  const stored = await client.store({ name, content, ...options })
  if ('failed' in stored) throw new Error(`storing ${name} failed: ${stored.failed}`)
  return stored
}

async function expectContent(
  client: SuiteClient,
  { objectId }: SuiteStored,
  name: string,
  content: Content,
): Promise<void> {
  const read = await client.read({ objectId })
  expect(read).to.deep.equal({ name, ...digestsOf([bytesOf(content)]) })
}
