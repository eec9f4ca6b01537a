import { expect } from 'chai'
import type { REFUSAL_REASONS } from '@orlop/protocol/messages/storing'
import { type OfferFacts, decide } from './decide.ts'

const NOW = 1_800_000_000_000

interface Change {
  parties?: Partial<OfferFacts['parties']>
  offer?: Partial<OfferFacts['offer']>
  facts?: Partial<Omit<OfferFacts, 'parties' | 'offer'>>
}

function facts({ parties, offer, facts: rest }: Change): OfferFacts {
  return {
    parties: {
      clientState: 'admitted',
      clientMinimumImportance: 0,
      nodeState: 'admitted',
      nodeTier: 'heavy',
      importance: 3,
      ...parties,
    },
    offer: {
      objectId: new Uint8Array(32),
      clientId: 1,
      nodeId: 1,
      requestTimeMs: NOW,
      maxBytes: 1000,
      k: 1,
      m: 1,
      classCode: 4,
      expiry: NOW / 1000 + 1,
      proposedNodeIds: [],
      ...offer,
    },
    index: 0,
    nowMs: NOW,
    here: 'nothing',
    heldBytes: 0,
    openReservationsOfClient: 63,
    freeBytes: 1000,
    limits: { maxStripBytes: 1000, maxReservationsPerClient: 64 },
    ...rest,
  }
}

const REFUSED: [string, Change, keyof typeof REFUSAL_REASONS, boolean][] = [
  ['a client unknown to the ledger', { parties: { clientState: null } }, 'not-admitted', true],
  ['a pending client', { parties: { clientState: 'pending' } }, 'not-admitted', true],
  ['a suspended client', { parties: { clientState: 'suspended' } }, 'not-admitted', false],
  ['when this node is pending', { parties: { nodeState: 'pending' } }, 'not-admitted', true],
  ['when this node is draining', { parties: { nodeState: 'draining' } }, 'draining', false],
  ['when this node is retired', { parties: { nodeState: 'retired' } }, 'draining', false],
  ['more than one data strip', { offer: { k: 2 } }, 'offer-invalid', false],
  ['more strips than an object has', { offer: { m: 16 } }, 'offer-invalid', false],
  ['an index beyond the strips', { facts: { index: 2 } }, 'offer-invalid', false],
  ['no bytes', { offer: { maxBytes: 0 } }, 'offer-invalid', false],
  ['an expiry that is over', { offer: { expiry: NOW / 1000 } }, 'offer-invalid', false],
  ['what was removed', { facts: { here: 'removed' } }, 'offer-invalid', false],
  ['what is stored', { facts: { here: 'stored' } }, 'already-stored', false],
  [
    'data below the client’s minimum',
    { parties: { clientMinimumImportance: 2 } },
    'below-minimum-importance',
    false,
  ],
  [
    'an undisclosed class where a minimum holds',
    { parties: { clientMinimumImportance: 3, importance: null } },
    'below-minimum-importance',
    false,
  ],
  [
    'important data at a light node',
    { parties: { nodeTier: 'light', importance: 2 } },
    'tier-not-served',
    false,
  ],
  ['a strip above the limit', { offer: { maxBytes: 1001 } }, 'too-large', false],
  [
    'one reservation too many',
    { facts: { openReservationsOfClient: 64 } },
    'too-many-reservations',
    true,
  ],
  ['what does not fit', { facts: { freeBytes: 999 } }, 'node-full', true],
]

const ACCEPTED: [string, Change][] = [
  ['an ordinary offer that just fits', {}],
  ['data of the client’s minimum importance', { parties: { clientMinimumImportance: 3 } }],
  ['routine data at a light node', { parties: { nodeTier: 'light' } }],
  ['an undisclosed class at a light node', { parties: { nodeTier: 'light', importance: null } }],
  ['the last index', { facts: { index: 1 } }],
  [
    'a strip again that is reserved, at the client’s limit and on a full node',
    {
      facts: { here: 'reserved', heldBytes: 1000, freeBytes: 0, openReservationsOfClient: 64 },
    },
  ],
]

describe('decision on an offer', () => {
  for (const [what, change, reason, comesBack] of REFUSED) {
    it(`refuses ${what}: ${reason}`, () => {
      const decision = decide(facts(change))
      if (decision.accepted) expect.fail('was accepted')
      expect(decision.reason).to.equal(reason)
      expect(decision.retryAfterMs > 0).to.equal(comesBack)
    })
  }
  for (const [what, change] of ACCEPTED) {
    it(`accepts ${what}`, () => {
      expect(decide(facts(change))).to.deep.equal({ accepted: true })
    })
  }
})
