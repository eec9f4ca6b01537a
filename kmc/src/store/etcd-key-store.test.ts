import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { encodeHex, encodeUtf8, randomBytes } from '@orlop/crypto/bytes'
import { systemClock } from '@orlop/protocol/clock'
import { type EtcdCertificates, makeEtcdCertificates } from '../testkit/etcd-certificates.ts'
import { EtcdCluster, isEtcdInstalled } from '../testkit/etcd-cluster.ts'
import { MuteProxy } from '../testkit/mute-proxy.ts'
import { OpenSsl } from '../testkit/openssl.ts'
import { codeOf } from '../testkit/test-centre.ts'
import { answerSchema, rangeAnswer } from './etcd/answers.ts'
import { EtcdConnection } from './etcd/etcd-connection.ts'
import type { EtcdTls } from './etcd/etcd-members.ts'
import { ETCD } from './etcd/services.ts'
import { type EtcdKeyStore, type EtcdKeyStoreOptions, openEtcdKeyStore } from './etcd-key-store.ts'
import { keyStoreConformance } from './key-store.conformance.ts'
import type { KeyStore, StoreEvent } from './key-store.ts'

const isInstalled = isEtcdInstalled()
const title = isInstalled
  ? 'the store in etcd'
  : 'the store in etcd (needs: apt-get install etcd-server)'
// On the machine that decides, nothing is skipped: starting etcd fails there.
const suite = isInstalled || process.env['CI'] !== undefined ? describe : describe.skip

/** Leaders are replaced sooner than by etcd's own settings. */
const QUICK = ['--heartbeat-interval', '40', '--election-timeout', '200']
const bytes = encodeUtf8
const newBytes = () => Buffer.from(randomBytes(64))
const put = (key: string, value: Uint8Array) => ({ type: 'put', key, value }) as const
const putting = (key: string, value: Uint8Array) => ({
  conditions: [],
  changes: [put(key, value)],
})

suite(title, () => {
  const stores: KeyStore[] = []

  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
  })

  /** Opens a store in a namespace of its own. */
  async function open(options: EtcdKeyStoreOptions): Promise<EtcdKeyStore> {
    const namespace = `test-${encodeHex(randomBytes(8))}/`
    const store = await openEtcdKeyStore({ namespace, ...options })
    stores.push(store)
    return store
  }

  describe('with one member', () => {
    let cluster: EtcdCluster
    let urls: string[]

    before(async () => {
      cluster = await EtcdCluster.start({ members: 1 })
      urls = cluster.urls
    })
    after(() => cluster.remove())

    keyStoreConformance('etcd', async () => {
      const namespace = `test-${encodeHex(randomBytes(8))}/`
      const again = () => openEtcdKeyStore({ urls, namespace })
      return { store: await again(), reopen: again }
    })

    it('has nothing to do with what others keep in the same etcd', async () => {
      const [one, other] = [await open({ urls }), await open({ urls })]
      await one.transact(putting('a', bytes('one')))
      expect(await other.get('a')).to.equal(null)
      expect(await other.list({ prefix: '', limit: 10 })).to.deep.equal([])
    })

    it('makes a change once, and knows it, when the answer is lost and it is sent again', async () => {
      const proxy = await MuteProxy.before(urls[0]!)
      const namespace = 'lost-answer/'
      const store = await open({ urls: [proxy.url, urls[0]!], namespace })
      const direct = await open({ urls, namespace })
      await store.transact(putting('n', bytes('0')))
      const events: StoreEvent[] = []
      const seen = Promise.withResolvers<null>()
      await direct.watch('n', {
        changed: (event) => {
          events.push(event)
          seen.resolve(null)
        },
        lost: seen.reject,
      })
      proxy.isMute = true
      const changing = store.transact(putting('n', bytes('1')))
      await seen.promise
      proxy.drop()
      const revision = await changing
      expect(revision).to.equal((await direct.get('n'))?.revision)
      const next = await direct.transact(putting('n', bytes('2')))
      await direct.transact({
        conditions: [{ key: 'n', revision: next! }],
        changes: [put('n', bytes('3'))],
      })
      expect(events.map((event) => event.revision).slice(0, 2)).to.deep.equal([revision, next])
      await proxy.close()
    })

    it('says so when it cannot know whether a change was made', async () => {
      const proxy = await MuteProxy.before(urls[0]!)
      const namespace = 'unknown-outcome/'
      const limits = { timeoutMs: 2000, attemptTimeoutMs: 900 }
      const store = await open({ urls: [proxy.url], namespace, ...limits })
      await store.transact(putting('n', bytes('0')))
      const direct = await open({ urls, namespace })
      const made = Promise.withResolvers<StoreEvent>()
      await direct.watch('n', { changed: made.resolve, lost: made.reject })
      proxy.isMute = true
      const changing = store.transact(putting('n', bytes('1')))
      expect(await codeOf(changing)).to.equal('STORE_OUTCOME_UNKNOWN')
      expect((await made.promise).changes).to.deep.equal([put('n', bytes('1'))])
      expect(await codeOf(store.get('n'))).to.equal('STORE_UNREACHABLE')
      await proxy.close()
    })

    it('goes on when etcd has removed the rows by which it knows its own transactions', async () => {
      const time = { ms: 0 }
      const clock = { nowMs: () => 0, monotonicMs: () => time.ms }
      const store = await open({ urls, namespace: 'slots/', clock })
      const limits = { timeoutMs: 5000, attemptTimeoutMs: 2000, clock: systemClock }
      const connection = new EtcdConnection({
        urls,
        tls: undefined,
        clusterId: undefined,
        ...limits,
      })
      const range = { key: bytes('slots/writers/'), range_end: bytes('slots/writers0') }
      const slots = async () => (await connection.call(ETCD.range, range, rangeAnswer)).kvs
      await store.transact(putting('n', bytes('1')))
      const [slot] = await slots()
      const success = [{ request_delete_range: { key: slot?.key } }]
      await connection.call(ETCD.txn, { success }, answerSchema)
      const wrong = { conditions: [{ key: 'n', revision: 1 }], changes: [put('n', bytes('x'))] }
      expect(await store.transact(wrong)).to.equal(null)
      expect(await store.transact(putting('n', bytes('2')))).to.be.a('number')
      expect(await slots()).to.have.length(1)
      time.ms += 31 * 60 * 1000
      expect(await store.transact(putting('n', bytes('3')))).to.be.a('number')
      expect(await slots(), 'under a new lease').to.have.length(2)
      connection.close()
    })

    it('has no deleted or replaced value in the members’ databases once history is forgotten', async () => {
      const store = await open({ urls })
      const [gone, replaced, kept] = [newBytes(), newBytes(), newBytes()]
      for (const [key, value] of Object.entries({ gone, replaced, kept })) {
        await store.transact(putting(key, value))
      }
      await store.transact({
        conditions: [],
        changes: [{ type: 'delete', key: 'gone' }, put('replaced', new Uint8Array(64))],
      })
      await store.forgetHistory()
      const database = await readFile(join(cluster.folderOf(0), 'member/snap/db'))
      expect(database.includes(gone), 'deleted').to.equal(false)
      expect(database.includes(replaced), 'replaced').to.equal(false)
      expect(database.includes(kept), 'kept').to.equal(true)
      await store.forgetHistory()
    })

    it('says of a moment that was forgotten that it cannot be read any more', async () => {
      const store = await open({ urls, namespace: 'moments/' })
      await store.transact(putting('n', bytes('1')))
      const snapshot = await store.snapshot()
      await store.transact(putting('n', bytes('2')))
      const [row] = await snapshot.getMany(['n'])
      expect(row?.value).to.deep.equal(bytes('1'))
      await store.forgetHistory()
      expect(await codeOf(snapshot.getMany(['n']))).to.equal('CONFLICT')
      await snapshot.close()
    })

    it('refuses URLs that name no member', async () => {
      for (const wrong of [
        [],
        ['localhost:2379'],
        ['http://127.0.0.1'],
        ['https://127.0.0.1:2379'],
      ]) {
        const error = await openEtcdKeyStore({ urls: wrong }).catch((e: unknown) => e)
        expect(error, wrong.join()).to.be.instanceOf(RangeError)
      }
    })
  })

  describe('with two clusters of different limits', () => {
    let one: EtcdCluster
    let small: EtcdCluster

    before(async () => {
      const flags = ['--max-request-bytes', '8192', '--quota-backend-bytes', '200000']
      one = await EtcdCluster.start({ members: 1 })
      small = await EtcdCluster.start({ members: 1, flags })
    })
    after(async () => {
      await one.remove()
      await small.remove()
    })

    it('takes no other cluster than the one that it was told, or that answered first', async () => {
      const { clusterId } = await open({ urls: one.urls })
      expect(await codeOf(open({ urls: small.urls, clusterId }))).to.equal('STORE_WRONG_CLUSTER')
      const mixed = await open({ urls: [...one.urls, ...small.urls] })
      await one.kill(0)
      expect(await codeOf(mixed.get('a'))).to.equal('STORE_WRONG_CLUSTER')
    })

    it('says what is too large for the members, and when they are full', async () => {
      const store = await open({ urls: small.urls })
      const large = store.transact(putting('a', randomBytes(10_000)))
      expect(await codeOf(large)).to.equal('STORE_TOO_LARGE')
      const filling = async () => {
        for (let at = 0; at < 5000; at++) await store.transact(putting('a', randomBytes(5000)))
      }
      expect(await codeOf(filling())).to.equal('STORE_FULL')
      expect(await store.get('a')).to.not.equal(null)
    })
  })

  describe('with three members', () => {
    let cluster: EtcdCluster
    const limits = { timeoutMs: 2000, attemptTimeoutMs: 500 }

    before(async () => {
      cluster = await EtcdCluster.start({ members: 3, flags: QUICK })
    })
    after(() => cluster.remove())

    it('goes on when a member dies, and when one says nothing, whichever it is', async () => {
      const store = await open({ urls: cluster.urls, ...limits, timeoutMs: 10_000 })
      let count = 0
      const write = () => store.transact(putting('n', bytes(String(++count))))
      for (const at of [0, 1, 2]) {
        await cluster.kill(at)
        expect(await write()).to.be.a('number')
        await cluster.restart(at)
        cluster.pause(at, true)
        expect(await write()).to.be.a('number')
        cluster.pause(at, false)
      }
      expect((await store.get('n'))?.value).to.deep.equal(bytes(String(count)))
    })

    it('names the member whose disk still has what was to be forgotten', async () => {
      const store = await open({ urls: cluster.urls, ...limits })
      await store.transact(putting('n', bytes('1')))
      await cluster.kill(1)
      const error: unknown = await store.forgetHistory().catch((reason: unknown) => reason)
      expect(error).to.include({ code: 'STORE_UNREACHABLE' })
      expect(error).to.have.nested.property('details.member', cluster.urls[1])
      await cluster.restart(1)
      const patient = await open({ urls: cluster.urls })
      await patient.forgetHistory()
    })

    it('reads and writes nothing without a majority, tells those who watch, and goes on when it is back', async () => {
      const store = await open({ urls: cluster.urls, ...limits })
      await store.transact(putting('n', bytes('before')))
      const lost = Promise.withResolvers<Error>()
      await store.watch('', { changed: () => undefined, lost: lost.resolve })
      await Promise.all([cluster.kill(0), cluster.kill(1)])
      expect(await lost.promise).to.include({ code: 'STORE_UNREACHABLE' })
      // The third takes a while to notice.
      let code: string | null
      do code = await codeOf(store.get('n'))
      while (code === 'STORE_UNREACHABLE')
      expect(code).to.equal('STORE_NO_QUORUM')
      expect(await codeOf(store.transact(putting('n', bytes('x'))))).to.be.oneOf([
        'STORE_NO_QUORUM',
        'STORE_OUTCOME_UNKNOWN',
      ])
      await cluster.kill(2)
      expect(await codeOf(store.get('n'))).to.equal('STORE_UNREACHABLE')
      await Promise.all([0, 1, 2].map((at) => cluster.restart(at)))
      const { clusterId } = store
      const patient = await open({ urls: cluster.urls, clusterId })
      expect(await patient.transact(putting('n', bytes('after')))).to.be.a('number')
    })
  })

  describe('with certificates', () => {
    let openssl: OpenSsl
    let ours: EtcdCertificates
    let foreign: EtcdCertificates
    let cluster: EtcdCluster

    before(async () => {
      openssl = await OpenSsl.open()
      ours = await makeEtcdCertificates(openssl, 'ours')
      foreign = await makeEtcdCertificates(openssl, 'foreign')
      cluster = await EtcdCluster.start({ members: 1, tls: ours.member })
    })
    after(async () => {
      await cluster.remove()
      await openssl.remove()
    })

    it('reads and writes as whom its certificate names', async () => {
      const store = await open({ urls: cluster.urls, tls: ours.client })
      expect(await store.transact(putting('a', bytes('1')))).to.be.a('number')
      expect((await store.get('a'))?.value).to.deep.equal(bytes('1'))
    })

    it('says that it is refused, or refuses, without the right certificates', async () => {
      const { authority, identity } = ours.client
      const wrong: Record<string, EtcdTls> = {
        'no certificate': { authority },
        'a certificate of another authority': { ...foreign.client, authority },
        'a member of another authority': {
          authority: foreign.client.authority,
          identity: identity!,
        },
      }
      for (const [what, tls] of Object.entries(wrong)) {
        expect(await codeOf(open({ urls: cluster.urls, tls })), what).to.equal('STORE_REFUSED')
      }
      const none = open({ urls: cluster.urls, tls: { authority: 'none' } }).catch((e: unknown) => e)
      expect(await none).to.be.instanceOf(TypeError)
    })
  })
})
