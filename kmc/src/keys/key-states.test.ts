import { expect } from 'chai'
import fc from 'fast-check'
import { codeOf, openTestCentre, policyFor, TestRequester } from '../testkit/test-centre.ts'
import { KEY_LIFE, type KeyAct, type KeyState, nextKeyState } from './key-states.ts'

const ACTS: readonly KeyAct[] = [
  'activate',
  'release',
  'use',
  'rotate',
  'revoke',
  'destroy',
  'finish',
]
const ASKED = ['activate', 'release', 'rotate', 'revoke'] as const
const acts = fc.array(fc.constantFrom(...ACTS), { maxLength: 20 })
/** How far a key is on its way; it never goes back. */
const ORDER: readonly KeyState[] = ['generated', 'active', 'revoked', 'destroying', 'destroyed']

describe('the life of a key', () => {
  it('never goes back, is released only while active, and ends for good', () => {
    fc.assert(
      fc.property(acts, (all) => {
        let state: KeyState = 'generated'
        for (const act of all) {
          const before: KeyState = state
          const isAllowed = act in KEY_LIFE[before]
          const step = (): KeyState => nextKeyState({ keyId: 'k', state: before }, act)
          if (!isAllowed) expect(step).to.throw().with.property('code', 'KEY_STATE')
          else state = step()
          expect(ORDER.indexOf(state)).to.be.at.least(ORDER.indexOf(before))
          if (act === 'release' || act === 'use' || act === 'rotate') {
            expect(isAllowed).to.equal(before === 'active')
          }
          if (act === 'finish') expect(isAllowed).to.equal(before === 'destroying')
          if (before === 'destroyed') expect(state).to.equal('destroyed')
        }
      }),
      { numRuns: 500, seed: 4 },
    )
  })

  it('is what a centre does, whatever is asked of it in whatever order', async () => {
    const centre = await openTestCentre()
    const bridge = new TestRequester('bridge')
    const policy = policyFor([bridge], { maxKeys: 10_000, maxReleasesPerHour: 4096 })
    await centre.applications.create('anna', 'voyage', policy)
    const some = fc.array(fc.constantFrom(...ASKED), {
      maxLength: 8,
    })
    let number = 0
    await fc.assert(
      fc.asyncProperty(some, async (all) => {
        const name = { appId: 'voyage', keyId: `key-${number++}` }
        await centre.keys.generate('anna', { ...name, algorithm: 'aes-256-gcm' })
        let state: KeyState = 'generated'
        let versions = 1
        for (const act of all) {
          const work =
            act === 'release'
              ? centre.releases.release(centre.sign(bridge, centre.ask(bridge, name)))
              : centre.keys[act]('anna', name)
          const next: KeyState | undefined = KEY_LIFE[state][act]
          expect(await codeOf(work), `${act} of ${state}`).to.equal(next ? null : 'KEY_STATE')
          state = next ?? state
          if (act === 'rotate' && next) versions += 1
        }
        const key = await centre.keys.get(name)
        expect([key?.state, key?.versions.length]).to.deep.equal([state, versions])
      }),
      { numRuns: 30, seed: 5 },
    )
  })
})
