import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import type { ClientEvent } from '@orlop/client-sdk/events'
import { formatObjectId } from '@orlop/protocol/ids'
import { readAll, sampleBytes, type SdkClient, SdkFleet } from '../testkit/sdk-fleet.ts'

use(chaiAsPromised)

const CHUNK_BYTES = 4 * 1024 * 1024

describe('sdk: store and retrieve', () => {
  let fleet: SdkFleet
  let made: SdkClient

  before(async () => {
    fleet = new SdkFleet()
    await fleet.startNodes(['A01', 'A02', 'A03'])
    made = await fleet.client()
  })
  after(() => fleet.close())

  it('brings back the same bytes, and tells every step in order', async () => {
    const bytes = sampleBytes(300_000)
    const events: ClientEvent[] = []
    const result = await made.client.store(
      { source: { bytes }, name: 'log.bin', waitFor: 'recorded' },
      { onProgress: (event) => events.push(event) },
    )
    expect(result.state).to.equal('recorded')
    expect(result.plainBytes).to.equal(bytes.length)
    expect(new Set(result.strips.map(({ nodeId }) => nodeId)).size).to.equal(2)
    for (const strip of result.strips) {
      expect(strip.txHash).to.be.a('string')
      expect(strip.ack).to.not.equal(null)
    }
    const order = [
      'classified',
      'chosen',
      'offered',
      'accepted',
      'sealed',
      'committed',
      'ack',
      'stored',
      'recorded',
    ]
    const seen = order.map((type) => events.findIndex((event) => event.type === type))
    expect(seen).to.not.include(-1)
    expect(seen).to.deep.equal([...seen].sort((left, right) => left - right))
    const { stream, entry } = await made.client.retrieve({ objectId: result.objectId })
    expect(entry.name).to.equal('log.bin')
    expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
  })

  describe('a request with a key', () => {
    it('gives the same object again after a restart, even when its file is gone', async () => {
      const former = await fleet.client()
      const path = join(await fleet.folder(), 'plan.rtz')
      await writeFile(path, 'to Hamburg')
      const request = { source: { path }, requestKey: 'voyage 7', waitFor: 'recorded' } as const
      const stored = await former.client.store(request)
      await rm(path)
      const later = await fleet.restart(former)
      expect(await later.client.store(request)).to.deep.equal(stored)
      expect(await later.client.list({ refresh: true })).to.have.length(1)
    })

    it('is another object under another key, though the file is the same', async () => {
      const { client } = await fleet.client()
      const path = join(await fleet.folder(), 'plan.rtz')
      await writeFile(path, 'to Hamburg')
      const first = await client.store({ source: { path }, requestKey: 'a' })
      const second = await client.store({ source: { path }, requestKey: 'b' })
      expect(second.objectId).to.not.equal(first.objectId)
    })

    it('refuses the same key while its request is under way, and a key without end', async () => {
      const { client } = await fleet.client()
      const request = { source: { bytes: sampleBytes(10) }, name: 'x', requestKey: 'once' }
      const first = client.store(request)
      await expect(client.store(request)).to.be.rejected.and.eventually.include({ code: 'USAGE' })
      await first
      const tooLong = client.store({ ...request, requestKey: 'k'.repeat(129) })
      await expect(tooLong).to.be.rejected.and.eventually.include({ code: 'USAGE' })
    })
  })

  it('stores a file in the state its caller saw, or not at all', async () => {
    const { client } = await fleet.client()
    const folder = await fleet.folder()
    const path = join(folder, 'log.txt')
    await writeFile(path, 'one line')
    const { size: sizeBytes, mtimeMs: modifiedMs } = await stat(path)
    const source = { path, expected: { sizeBytes, modifiedMs } }
    await client.store({ source })
    const link = join(folder, 'link.txt')
    await symlink(path, link)
    const linked = client.store({ source: { ...source, path: link } })
    await expect(linked).to.be.rejected.and.eventually.include({ code: 'FILE_CHANGED' })
    await writeFile(path, 'one line, and another')
    const changed = client.store({ source })
    await expect(changed).to.be.rejected.and.eventually.include({ code: 'FILE_CHANGED' })
    expect(await client.list()).to.have.length(1)
  })

  it('seals nothing before a node has accepted', async () => {
    const events: string[] = []
    const source = (async function* () {
      await Promise.resolve()
      events.push('read')
      yield sampleBytes(1000)
    })()
    await made.client.store(
      { source: { stream: source, maxBytes: 1000 }, name: 'x' },
      { onProgress: ({ type }) => events.push(type) },
    )
    expect(events.indexOf('read')).to.be.greaterThan(events.indexOf('accepted'))
  })

  for (const lengthBytes of [0, 1, 4096, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 17]) {
    it(`keeps an object of ${lengthBytes} bytes`, async () => {
      const bytes = sampleBytes(lengthBytes)
      const { objectId } = await made.client.store({ source: { bytes }, name: 'sized' })
      const { stream } = await made.client.retrieve({ objectId })
      expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
    })
  }

  it('keeps names of any Unicode, labels and folders, and finds objects by them', async () => {
    const name = 'Überfahrt/航海計画 🚢\u0007\u202E.txt'
    const labels = { voyage: '007-N', überschrift: 'ja' }
    const { objectId } = await made.client.store({
      source: { bytes: sampleBytes(10) },
      name,
      overrides: { labels },
    })
    const found = await made.client.find({ name: 'überfahrt', labels: { voyage: '007-N' } })
    expect(found.map((entry) => formatObjectId(entry.objectId))).to.deep.equal([objectId])
    expect(found[0]?.name).to.equal(name)
    expect(await made.client.find({ labels: { voyage: '008-N' } })).to.have.length(0)
  })

  it('refuses a name that is too long, and a stream that gives more than announced', async () => {
    const long = made.client.store({ source: { bytes: sampleBytes(1) }, name: 'x'.repeat(1025) })
    await expect(long).to.be.rejected.and.eventually.include({ code: 'USAGE' })
    const stream = (async function* () {
      await Promise.resolve()
      yield sampleBytes(11)
    })()
    const storing = made.client.store({ source: { stream, maxBytes: 10 }, name: 'more' })
    await expect(storing).to.be.rejected.and.eventually.include({ code: 'RESERVATION_EXCEEDED' })
    expect(await readdir(join(made.home, 'spool'))).to.deep.equal([])
  })

  it('reads a range by fetching only the chunks it lies in', async () => {
    const bytes = sampleBytes(3 * CHUNK_BYTES)
    const { objectId } = await made.client.store({
      source: { bytes },
      name: 'ranged',
      overrides: { codec: 'stored' },
    })
    const start = CHUNK_BYTES + 5
    const before = made.transport.wireBytes.receivedBytes
    const { stream, lengthBytes } = await made.client.retrieve({
      objectId,
      range: { start, end: start + 100 },
    })
    expect(lengthBytes).to.equal(100)
    const part = await readAll(stream)
    expect(Buffer.compare(part, bytes.subarray(start, start + 100))).to.equal(0)
    const fetched = made.transport.wireBytes.receivedBytes - before
    expect(fetched).to.be.lessThan(1.2 * CHUNK_BYTES)
  })

  it('reads several parts of an object that was opened once, and none after it was closed', async () => {
    const bytes = sampleBytes(2 * CHUNK_BYTES + 10)
    const { objectId } = await made.client.store({ source: { bytes }, name: 'parts' })
    const reader = await made.client.open({ objectId })
    expect(reader.plainBytes).to.equal(bytes.length)
    expect(reader.entry.name).to.equal('parts')
    const ranges = [{ start: CHUNK_BYTES - 5, end: CHUNK_BYTES + 5 }, { start: 2 * CHUNK_BYTES }]
    const parts = await Promise.all(ranges.map((range) => readAll(reader.read(range).stream)))
    expect(parts).to.deep.equal(
      ranges.map(({ start, end }) => Buffer.from(bytes.subarray(start, end))),
    )
    const begun = reader.read({ start: 7, end: 9 })
    reader.close()
    expect(await readAll(begun.stream)).to.deep.equal(Buffer.from(bytes.subarray(7, 9)))
    expect(() => reader.read()).to.throw('closed')
  })

  it('cuts a range at the end of the object and refuses one outside it', async () => {
    const bytes = sampleBytes(50)
    const { objectId } = await made.client.store({ source: { bytes }, name: 'short' })
    const { stream } = await made.client.retrieve({ objectId, range: { start: 40, end: 99 } })
    expect(await readAll(stream)).to.have.length(10)
    for (const start of [51, -1, 0.5]) {
      const outside = made.client.retrieve({ objectId, range: { start } })
      await expect(outside).to.be.rejected.and.eventually.include({ code: 'USAGE' })
    }
  })

  it('writes a file that appears whole, and never over another unless told to', async () => {
    const folder = await fleet.folder()
    const file = join(folder, 'copy.bin')
    const bytes = sampleBytes(100_000)
    const { objectId } = await made.client.store({ source: { bytes }, name: 'copy' })
    await made.client.retrieveToFile({ objectId, file })
    expect(Buffer.compare(await readFile(file), bytes)).to.equal(0)
    const again = made.client.retrieveToFile({ objectId, file })
    await expect(again).to.be.rejected.and.eventually.include({ code: 'ALREADY_EXISTS' })
    await made.client.retrieveToFile({ objectId, file, overwrite: true })
    expect(await readdir(folder)).to.deep.equal(['copy.bin'])
  })

  it('stores a file by its path, with class and media type by its content', async () => {
    const file = join(await fleet.folder(), 'sentences.txt')
    const sentence = '$GPGLL,4916.45,N,12311.12,W,225444,A*31\r\n'
    await writeFile(file, sentence.repeat(200))
    const result = await made.client.store({ source: { path: file } })
    expect(result.class).to.equal('nmea-log')
    expect(result.sealedBytes).to.be.lessThan(result.plainBytes)
    expect(result.name).to.equal('sentences.txt')
    expect((await made.client.list())[0]?.createdMs).to.equal(
      Math.trunc((await stat(file)).mtimeMs),
    )
  })

  it('says that an object is unknown', async () => {
    const objectId = formatObjectId(new Uint8Array(32).fill(9))
    const retrieving = made.client.retrieve({ objectId })
    await expect(retrieving).to.be.rejected.and.eventually.include({ code: 'OBJECT_NOT_FOUND' })
    await expect(
      made.client.retrieve({ objectId: 'orlop:nonsense' }),
    ).to.be.rejected.and.eventually.include({ code: 'USAGE' })
  })

  it('restores the catalogue from keys and ledger alone', async () => {
    const own = await fleet.client()
    const bytes = sampleBytes(5_000)
    const labels = { leg: '3' }
    const { objectId } = await own.client.store({
      source: { bytes },
      name: 'plan.rtz',
      overrides: { labels },
      waitFor: 'recorded',
    })
    const [before] = await own.client.list()
    await own.client.close()
    await rm(own.home, { recursive: true })
    await mkdir(own.home)
    const anew = await fleet.guest({ home: own.home, keyring: own.keyring })
    const entries = await anew.client.list()
    expect(entries.map(({ name }) => name)).to.deep.equal(['plan.rtz'])
    expect(entries[0]?.labels).to.deep.equal(labels)
    expect(entries[0]?.plainSha256).to.deep.equal(before?.plainSha256)
    const { stream } = await anew.client.retrieve({ objectId })
    expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
  })

  it('knows its own objects on a fresh home at once, whatever it is asked first', async () => {
    const { client, keyring } = await fleet.client()
    const bytes = sampleBytes(1_000)
    const { objectId } = await client.store({ source: { bytes }, name: 'x', waitFor: 'recorded' })
    const acts: ((fresh: typeof client) => Promise<unknown>)[] = [
      async (fresh) => readAll((await fresh.retrieve({ objectId })).stream),
      (fresh) => fresh.verify({ objectId }),
      (fresh) => fresh.extend({ objectId, expirySeconds: 4_000_000_000 }),
      (fresh) => fresh.rewrap({ objectId }),
      (fresh) => fresh.remove({ objectId }),
    ]
    for (const relayed of [false, true]) {
      for (const act of acts.slice(0, relayed ? 2 : acts.length - 1)) {
        const fresh = await fleet.guest({ keyring, relayed })
        await act(fresh.client)
      }
    }
    await acts.at(-1)!((await fleet.guest({ keyring })).client)
  })

  it('lets one process at a time use a home, and names the one that has it', async () => {
    const second = fleet.guest({ home: made.home })
    await expect(second)
      .to.be.rejectedWith(String(process.pid))
      .and.eventually.include({ code: 'HOME_LOCKED' })
  })

  it('works through nodes alone, without a connection to the ledger', async () => {
    const ship = await fleet.client({ relayed: true })
    const bytes = sampleBytes(20_000)
    const { objectId } = await ship.client.store({
      source: { bytes },
      name: 'relayed',
      waitFor: 'recorded',
    })
    const { stream } = await ship.client.retrieve({ objectId })
    expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
    expect((await ship.client.list()).map(({ name }) => name)).to.deep.equal(['relayed'])
  })

  it('checks every copy byte for byte', async () => {
    const { objectId } = await made.client.store({
      source: { bytes: sampleBytes(80_000) },
      name: 'verified',
    })
    const found = await made.client.verify({ objectId })
    expect(found.isSound).to.equal(true)
    expect(found.isOpened).to.equal(true)
    expect(found.strips.map(({ result }) => result)).to.deep.equal(['sound', 'sound'])
  })
})
