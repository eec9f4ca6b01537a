import { expect } from 'chai'
import { KmcError } from '../kmc-error.ts'
import type { Watcher } from '../store/key-store.ts'
import { MemoryKeyStore } from '../store/memory-key-store.ts'
import { openTestCentre, type TestCentre } from '../testkit/test-centre.ts'
import type { AuditEntry } from './audit-entry.ts'
import { appendAudit, auditHead } from './audit-log.ts'
import { AuditFollower } from './follow-audit.ts'

/** A store whose watches can be lost, and that may be out of reach for a while. */
class LossyStore extends MemoryKeyStore {
  readonly #watchers = new Set<Watcher>()
  isAway = false

  override watch(prefix: string, watcher: Watcher) {
    if (this.isAway) return Promise.reject(new KmcError('STORE_UNREACHABLE', 'away'))
    this.#watchers.add(watcher)
    return super.watch(prefix, {
      changed: (event) => {
        if (this.#watchers.has(watcher)) watcher.changed(event)
      },
      lost: (error) => {
        watcher.lost(error)
      },
    })
  }

  loseWatches(): void {
    for (const watcher of this.#watchers) watcher.lost(new KmcError('STORE_UNREACHABLE', 'lost'))
    this.#watchers.clear()
  }
}

describe('following the audit log', () => {
  let store: LossyStore
  let centre: TestCentre
  let followers: AuditFollower[]

  beforeEach(async () => {
    store = new LossyStore()
    centre = await openTestCentre(store)
    followers = []
  })
  afterEach(() => Promise.all(followers.map((follower) => follower.stop())))

  const act = (name: string) =>
    centre.rows.update((draft) =>
      appendAudit(draft, { timeMs: 1, actor: 'test', act: name, details: {} }),
    )

  /** Follows, and waits for entries by their number. */
  function follow(after: number) {
    const seen: AuditEntry[] = []
    let wake = () => {}
    const onEntry = (entry: AuditEntry) => {
      seen.push(entry)
      wake()
    }
    const follower = new AuditFollower({ store, after, onEntry })
    followers.push(follower)
    const acts = async (count: number): Promise<string[]> => {
      while (seen.length < count) await new Promise<void>((resolve) => (wake = resolve))
      return seen.map((entry) => entry.act)
    }
    return { follower, acts }
  }

  it('tells every later entry once and in order, also what was written while the watch was lost', async () => {
    await act('before')
    const { acts } = follow((await auditHead(centre.rows)).count)
    await act('one')
    await act('two')
    expect(await acts(2)).to.deep.equal(['one', 'two'])
    store.isAway = true
    store.loseWatches()
    await act('three')
    await act('four')
    store.isAway = false
    expect(await acts(4)).to.deep.equal(['one', 'two', 'three', 'four'])
    await act('five')
    expect(await acts(5)).to.deep.equal(['one', 'two', 'three', 'four', 'five'])
  })

  it('reads more than a page of what came before it, while more is written', async () => {
    const writing = Array.from({ length: 300 }, (_, at) => act(`a${at}`))
    const { acts } = follow(0)
    await Promise.all(writing)
    expect(await acts(300)).to.deep.equal(Array.from({ length: 300 }, (_, at) => `a${at}`))
  })

  it('passes over what is no entry', async () => {
    await act('one')
    await act('two')
    const changes = ['audit/0000000000000001', 'audit/x'].map(
      (key) => ({ type: 'put', key, value: new Uint8Array(3) }) as const,
    )
    await store.transact({ conditions: [], changes })
    const { acts } = follow(0)
    expect(await acts(1)).to.deep.equal(['two'])
    await store.transact({ conditions: [], changes })
    await act('three')
    expect(await acts(2)).to.deep.equal(['two', 'three'])
  })

  it('says nothing once it is stopped, and ends by itself when the store is closed', async () => {
    const first = follow(0)
    await act('one')
    await first.acts(1)
    await first.follower.stop()
    const second = follow(0)
    await second.acts(1)
    await act('two')
    expect(await second.acts(2)).to.deep.equal(['one', 'two'])
    expect(await first.acts(1)).to.deep.equal(['one'])
    await store.close()
    await second.follower.stop()
  })
})
