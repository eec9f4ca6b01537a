import { expect } from 'chai'
import fc from 'fast-check'
import type { Importance } from '@orlop/protocol/data-classes'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import { seededRandom } from '../testkit/seeded-random.ts'
import { listCandidates, type Candidate, type PlacementRules } from './candidates.ts'
import { drawOrder } from './draw-order.ts'
import { NO_EVIDENCE, type NodeEvidence } from './node-evidence.ts'
import { noNodeAvailable } from './no-node-available.ts'
import { weightOf } from './weight.ts'

const GIB = 2 ** 30

function nodeRecord(nodeId: number, changes: Partial<NodeRecord> = {}): NodeRecord {
  return {
    nodeId,
    account: `0x${String(nodeId).padStart(40, '0')}`,
    name: `A${String(nodeId).padStart(2, '0')}`,
    peerId: `peer-${nodeId}`,
    addresses: [],
    tier: 'heavy',
    region: '',
    capacityBytes: 100 * GIB,
    freeBytes: 50 * GIB,
    lastSeenMs: 0,
    state: 'admitted',
    isMaster: false,
    creditMillionths: 500_000,
    ratings: 100,
    ...changes,
  }
}

function rules(changes: Partial<PlacementRules> = {}): PlacementRules {
  return {
    importance: 'important',
    minimumImportance: 0,
    stripBytes: 1000,
    tiers: ['heavy'],
    excludedNodeIds: new Set(),
    nowMs: 1_000,
    ...changes,
  }
}

const arbitraryNode = fc.record({
  nodeId: fc.integer({ min: 1, max: 10_000 }),
  tier: fc.constantFrom('heavy', 'light'),
  state: fc.constantFrom('pending', 'admitted', 'draining', 'retired'),
  freeBytes: fc.integer({ min: 0, max: 2_000 }),
  creditMillionths: fc.integer({ min: 0, max: 1_000_000 }),
  ratings: fc.integer({ min: 0, max: 20 }),
})

describe('placement: candidates', () => {
  it('keeps critical and important data on heavy nodes, whatever the ledger holds', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryNode, { maxLength: 20 }),
        fc.constantFrom<Importance>('critical', 'important'),
        (changes, importance) => {
          const nodes = changes.map((change) => nodeRecord(change.nodeId, change))
          const list = listCandidates(nodes, () => undefined, rules({ importance }))
          expect(list.candidates.every(({ node }) => node.tier === 'heavy')).to.equal(true)
        },
      ),
    )
  })

  it('judges every node once: as a candidate that is admitted and has room, or excluded with a reason', () => {
    fc.assert(
      fc.property(fc.array(arbitraryNode, { maxLength: 20 }), (changes) => {
        const nodes = changes.map((change) => nodeRecord(change.nodeId, change))
        const list = listCandidates(
          nodes,
          () => undefined,
          rules({ importance: 'routine', tiers: ['light', 'heavy'] }),
        )
        expect(list.candidates.length + list.exclusions.length).to.equal(nodes.length)
        for (const { node } of list.candidates) {
          expect(node.state).to.equal('admitted')
          expect(node.freeBytes).to.be.at.least(1000)
        }
      }),
    )
  })

  it('asks light nodes first for routine data and heavy ones only after them', () => {
    const nodes = [nodeRecord(1), nodeRecord(2), nodeRecord(8, { tier: 'light' })]
    for (let seed = 0; seed < 50; seed++) {
      const list = listCandidates(
        nodes,
        () => undefined,
        rules({ importance: 'routine', tiers: ['light', 'heavy'] }),
      )
      const order = drawOrder(list.candidates, { random: seededRandom(seed) })
      expect(order[0]?.candidate.node.nodeId).to.equal(8)
    }
  })

  it('lifts the data of a client with a minimum importance', () => {
    const nodes = [nodeRecord(8, { tier: 'light' })]
    const routine = { importance: 'routine', tiers: ['light', 'heavy'] } as const
    const lifted = rules({ ...routine, minimumImportance: 2 })
    expect(listCandidates(nodes, () => undefined, rules(routine)).candidates).to.have.length(1)
    expect(listCandidates(nodes, () => undefined, lifted).candidates).to.have.length(0)
  })

  it('lets the other tier in when the policy says so, behind the proper one', () => {
    const nodes = [nodeRecord(8, { tier: 'light' }), nodeRecord(1)]
    const list = listCandidates(nodes, () => undefined, rules({ tiers: ['heavy', 'light'] }))
    const order = drawOrder(list.candidates, { random: seededRandom(1) })
    expect(order.map(({ candidate }) => candidate.node.nodeId)).to.deep.equal([1, 8])
  })

  it('leaves out nodes that asked to wait, that broke their word, and that the caller excludes', () => {
    const evidence = new Map<number, NodeEvidence>([
      [1, { ...NO_EVIDENCE, notBeforeMs: 1_001 }],
      [2, { ...NO_EVIDENCE, distrustedUntilMs: 1_001 }],
      [4, { ...NO_EVIDENCE, notBeforeMs: 1_000 }],
    ])
    const list = listCandidates(
      [1, 2, 3, 4].map((nodeId) => nodeRecord(nodeId)),
      (nodeId) => evidence.get(nodeId),
      rules({ excludedNodeIds: new Set([3]) }),
    )
    expect(list.exclusions.map(({ reason }) => reason)).to.deep.equal([
      'asked to wait',
      'broke its word',
      'excluded',
    ])
    expect(list.candidates.map(({ node }) => node.nodeId)).to.deep.equal([4])
  })
})

describe('placement: draw order', () => {
  it('draws every candidate exactly once', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(arbitraryNode, { maxLength: 20, selector: ({ nodeId }) => nodeId }),
        fc.integer(),
        (changes, seed) => {
          const candidates = changes.map((change) => candidate(nodeRecord(change.nodeId, change)))
          const order = drawOrder(candidates, { random: seededRandom(seed) })
          const ids = order.map((drawn) => drawn.candidate.node.nodeId)
          expect(new Set(ids).size).to.equal(candidates.length)
        },
      ),
    )
  })

  it('chooses in proportion to the weights, apart from exploration', () => {
    const strong = candidate(nodeRecord(1, { creditMillionths: 900_000 }))
    const weak = candidate(nodeRecord(2, { creditMillionths: 300_000 }))
    const firsts = drawFirst([strong, weak], 20_000)
    // Every node has enough evidence, so exploring finds no one and the weights 3 : 1 decide.
    expect((firsts.get(1) ?? 0) / 20_000).to.be.closeTo(0.75, 0.01)
  })

  it('gives 5 % of the choices to nodes with little evidence, spread evenly', () => {
    const known = candidate(nodeRecord(1, { creditMillionths: 1_000_000 }))
    const fresh = [2, 3].map((nodeId) =>
      candidate(
        nodeRecord(nodeId, {
          ratings: 0,
          creditMillionths: 0,
          freeBytes: 5 * GIB,
        }),
        { ...NO_EVIDENCE, recentFailures: 6, latencyMs: 10_000 },
      ),
    )
    const firsts = drawFirst([known, ...fresh], 40_000)
    expect((firsts.get(2) ?? 0) / 40_000).to.be.closeTo(0.025, 0.005)
    expect((firsts.get(3) ?? 0) / 40_000).to.be.closeTo(0.025, 0.005)
  })

  it('prefers what is nearer, freer, more reliable and of the wanted region', () => {
    const base = weightOf(candidate(nodeRecord(1)), 'north')
    const region = weightOf(candidate(nodeRecord(1, { region: 'north' })), 'north')
    const near = weightOf(candidate(nodeRecord(1), { ...NO_EVIDENCE, latencyMs: 10 }), 'north')
    const fuller = weightOf(candidate(nodeRecord(1, { freeBytes: 10 * GIB })), 'north')
    const failing = weightOf(
      candidate(nodeRecord(1), { ...NO_EVIDENCE, recentFailures: 1 }),
      'north',
    )
    expect(region).to.be.greaterThan(base)
    expect(near).to.be.greaterThan(base)
    expect(fuller).to.be.lessThan(base)
    expect(failing).to.equal(base / 2)
  })
})

describe('placement: no node available', () => {
  it('names every node with its reason', () => {
    const error = noNodeAvailable(2, 1, [{ name: 'A03', nodeId: 3, reason: 'full' }])
    expect(error.code).to.equal('NO_NODE_AVAILABLE')
    expect(error.message).to.contain('A03: full')
    expect(error.details).to.deep.equal({ needed: 2, found: 1, node3: 'full' })
  })
})

function candidate(node: NodeRecord, evidence: NodeEvidence = NO_EVIDENCE): Candidate {
  return { node, evidence, tierRank: 0 }
}

function drawFirst(candidates: Candidate[], draws: number): Map<number, number> {
  const random = seededRandom(7)
  const firsts = new Map<number, number>()
  for (let draw = 0; draw < draws; draw++) {
    const first = drawOrder(candidates, { random })[0]?.candidate.node.nodeId ?? 0
    firsts.set(first, (firsts.get(first) ?? 0) + 1)
  }
  return firsts
}
