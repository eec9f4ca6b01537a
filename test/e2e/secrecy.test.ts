import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { DEVNET_NODES } from '@orlop/cli/devnet/layout'
import type { CatalogueEntry } from '@orlop/client-sdk/index'
import { MemoryKeyring } from '@orlop/client-sdk/keyring/memory-keyring'
import { encodeHex, randomBytes } from '@orlop/crypto/bytes'
import { decodeCbor, type CborValue } from '@orlop/crypto/format/cbor'
import { decodeEnvelope } from '@orlop/crypto/format/envelope'
import { hashHeader } from '@orlop/crypto/format/header'
import { sha256 } from '@orlop/crypto/hash'
import { SEED_BYTES } from '@orlop/crypto/keys/client-keys'
import { unwrapAsRecipient } from '@orlop/crypto/keys/recipient-stanza'
import { generateSecretKey } from '@orlop/crypto/sign'
import { formatObjectId } from '@orlop/protocol/ids'
import { addressOfSecretKey } from '@orlop/client-sdk/keyring/key-set'
import { contentsOf, type Found, needle, type Needle, search } from '../testkit/disk-search.ts'
import type { RealNetwork } from '../testkit/real-network.ts'
import { until } from '../testkit/until.ts'
import { sharedNetwork } from './shared-network.ts'

const CONTENT = 'MARKER course 271 speed 14.2 MARKER'
const NAME = 'secret-voyage-Νάξος.txt'
const LABEL = 'charterer-of-no-concern'
const AGENT_CONTENT = 'AGENTMARKER hold 3 temperature 4.1'
const AGENT_NAME = 'agent-only-manifest.txt'

describe('e2e: secrecy', () => {
  let network: RealNetwork
  let seed: Uint8Array
  let keyring: MemoryKeyring
  let entry: CatalogueEntry

  before(async () => {
    network = await sharedNetwork()
    seed = randomBytes(SEED_BYTES)
    keyring = new MemoryKeyring([seed], addressOfSecretKey(generateSecretKey()))
    const { client } = await network.client({ keyring })
    const bytes = new TextEncoder().encode(CONTENT.repeat(100))
    for (const codec of ['stored', 'zstd'] as const) {
      const { objectId } = await client.store({
        source: { bytes },
        name: NAME,
        // Level 1 as well, so that the chaotic layer is not what hides the content.
        overrides: { codec, level: codec === 'stored' ? 1 : 2, labels: { party: LABEL } },
        passphrase: 'passphrase-of-the-object',
        waitFor: 'recorded',
      })
      entry = (await client.list()).find((one) => formatObjectId(one.objectId) === objectId)!
    }
    await network.giveToAgent(AGENT_NAME, Buffer.from(AGENT_CONTENT.repeat(50)))
    await until('the agent has stored its file', async () =>
      (await network.agentItems()).some(
        ({ path, state }) => path.endsWith(AGENT_NAME) && state === 'recorded',
      ),
    )
  })

  async function needles(): Promise<Needle[]> {
    const [keys] = keyring.keySets
    return [
      needle('the content', CONTENT),
      needle('the hash of the content', sha256(new TextEncoder().encode(CONTENT.repeat(100)))),
      needle('the name', NAME),
      needle('a label', LABEL),
      needle('the object’s passphrase', 'passphrase-of-the-object'),
      needle('the keyring’s seed', seed),
      needle('the ledger key', keys!.ledgerSecretKey),
      needle('the opening key', keys!.openingSecretKey),
      needle('the data key', await dataKey()),
      needle('content the agent stored', AGENT_CONTENT),
      needle('a name the agent stored', AGENT_NAME),
    ]
  }

  /** Unwrapped from the envelope as a node keeps it, with the client's own key. */
  async function dataKey(): Promise<Uint8Array> {
    for await (const { record } of contentsOf(join(network.layout.devnet, 'nodes'))) {
      const isIt =
        record?.key.includes('envelope') && record.key.includes(encodeHex(entry.objectId))
      if (record === undefined || isIt !== true) continue
      const value = decodeCbor(record.value, { maxBytes: 1 << 20 })
      const { envelope } = value as Record<string, CborValue>
      const { stanzas, headerBytes } = decodeEnvelope(envelope as Uint8Array)
      const key = unwrapAsRecipient({
        stanzas,
        secretKey: keyring.keySets[0]!.openingSecretKey,
        objectId: entry.objectId,
        headerHash: hashHeader(headerBytes),
      })
      if (key !== null) return key
    }
    throw new Error('no node has the envelope')
  }

  it('leaves content, names and keys nowhere on the nodes, on the ledger or in a log', async () => {
    const wanted = await needles()
    const hits: string[] = []
    const places: string[] = []
    for (const part of ['nodes', 'ledger', 'logs']) {
      for await (const found of contentsOf(join(network.layout.devnet, part))) {
        places.push(found.where)
        hits.push(...search(found, wanted))
      }
    }
    expect(hits).to.deep.equal([])
    // It looked where things are: strips, indexes, keys, snapshots, logs of every part.
    for (const { name } of DEVNET_NODES) {
      expect(places).to.include(join(network.layout.nodeHome(name), 'index', 'CURRENT'))
      expect(places).to.include(network.layout.logFile(name))
    }
    expect(places.filter((place) => place.includes('/index at '))).not.to.have.length(0)
    expect(places.filter((place) => place.endsWith('.strip'))).not.to.have.length(0)
    expect(places.filter((place) => place.endsWith('.json.gz'))).not.to.have.length(0)
  })

  it('puts neither into a transaction nor into an event', async () => {
    const wanted = await needles()
    const rpc = async (method: string, params: unknown[]) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(network.network.rpcUrl, { method: 'POST', headers, body })
      return JSON.stringify(((await answer.json()) as { result: unknown }).result)
    }
    const last = Number(JSON.parse(await rpc('eth_blockNumber', [])))
    const blocks = await Promise.all(
      Array.from({ length: last + 1 }, (_, number) =>
        rpc('eth_getBlockByNumber', [`0x${number.toString(16)}`, true]),
      ),
    )
    const logs = await rpc('eth_getLogs', [{ fromBlock: '0x0', toBlock: 'latest' }])
    const ledger = { where: 'the ledger', bytes: Buffer.from(blocks.join() + logs) }
    expect(search(ledger, wanted)).to.deep.equal([])
    // What is public is found there, so the search sees into transactions and events.
    expect(search(ledger, [needle('a ship’s public name', 'MV Real')])).to.have.length(1)
    expect(search(ledger, [needle('an object', entry.objectId)])).to.have.length(1)
  })

  it('finds what is there: in files, packed files, and databases', async () => {
    const folder = await network.folder()
    const wanted = needle('x', 'a text that is long enough')
    const forms: [string, Buffer][] = [
      ['raw', Buffer.from('... a text that is long enough ...')],
      ['packed.gz', gzipSync('... a text that is long enough ...')],
      ['hex', Buffer.from(Buffer.from('.a text that is long enough').toString('hex'))],
      ['base64', Buffer.from(Buffer.from('ab a text that is long enough cd').toString('base64'))],
    ]
    for (const [name, bytes] of forms) await writeFile(join(folder, name), bytes)
    const found: Found[] = await Array.fromAsync(contentsOf(folder))
    const places = new Set(found.flatMap((one) => search(one, [wanted])))
    expect(places.size).to.equal(forms.length)
    // The client's own catalogue has the names: in a database like the nodes'.
    const own = await Array.fromAsync(contentsOf(network.layout.clientHome))
    expect(own.length).to.be.greaterThan(0)
  })
})
