import { expect } from 'chai'
import type { Wallet } from 'ethers'
import {
  NO_EVIDENCE,
  annulRating,
  applyRating,
  creditOf,
  spendBudget,
  UNUSED_BUDGET,
  type Evidence,
  type RatingBudget,
} from '@orlop/contracts/credit-math'
import { commitOf, recordAll } from './support/commits.ts'
import { Ledger, eventsOf, hash, read, send, type Citation, type Member } from './support/ledger.ts'
import { expectRevert } from './support/reverts.ts'

const SLOW = 2

describe('Credit', () => {
  let ledger: Ledger
  let node: Member
  let client: Member
  let stranger: Wallet
  let citations: Citation[]

  beforeEach(async () => {
    ledger = await Ledger.deploy()
    node = await ledger.addNode('A01')
    client = await ledger.addClient('ship')
    stranger = await ledger.wallet('stranger')
    const commits = Array.from({ length: 12 }, (_, sequence) =>
      commitOf({ client, node, sequence }),
    )
    citations = await recordAll(ledger, commits, { client, node })
  })
  afterEach(() => ledger.close())

  const ratingOf = (sequence: number, score: number, causeCode = SLOW) => ({
    nodeId: node.id,
    sequence,
    clientId: client.id,
    score,
    causeCode,
  })
  const argsOf = (rating: ReturnType<typeof ratingOf>, signer = client.wallet) => [
    rating,
    ledger.sign(signer, 'Rating', rating),
    citations[rating.sequence],
  ]
  const rate = (sequence: number, score: number) =>
    send(ledger.credit, stranger, 'rate', ...argsOf(ratingOf(sequence, score)))
  const refuses = (method: string, args: unknown[], error: string, by = stranger) =>
    expectRevert({ contract: ledger.credit, by, method, args }, { error })
  const creditNow = async () => Number(await read<bigint>(ledger.credit, 'creditOf', node.id))

  it("starts at the prior's credit", async () => {
    expect(await creditNow())
      .to.equal(creditOf(NO_EVIDENCE))
      .and.to.equal(25_130)
  })

  it('says the cause first, then what came of it', async () => {
    const receipt = await rate(0, 4)
    const expected = applyRating(NO_EVIDENCE, 4)
    const events = eventsOf(ledger.credit, receipt)
    expect(events.map((event) => event.name)).to.deep.equal(['Rated', 'CreditChanged'])
    expect(events[0]?.args.toArray()).to.deep.equal([1n, 1n, 0n, 4n, BigInt(SLOW), true])
    expect(events[1]?.args.toArray()).to.deep.equal([
      1n,
      0n,
      0n,
      25_130n,
      BigInt(creditOf(expected)),
      expected.s,
      expected.f,
      1n,
    ])
    expect(await creditNow()).to.equal(creditOf(expected))
  })

  it('takes one rating for each receipt', async () => {
    await rate(0, 5)
    await refuses('rate', argsOf(ratingOf(0, 5)), 'AlreadyRated')
    await refuses('rate', argsOf(ratingOf(0, 1)), 'AlreadyRated')
  })

  it("takes only the receipt's own client", async () => {
    const other = await ledger.addClient('other ship')
    const rating = ratingOf(0, 5)
    await refuses('rate', argsOf(rating, other.wallet), 'BadSignature')
    const asOther = { ...rating, clientId: other.id }
    await refuses('rate', argsOf(asOther, other.wallet), 'CitationMismatch')
    const aboutOther = { ...rating, nodeId: 2 }
    await refuses('rate', argsOf(aboutOther), 'CitationMismatch')
    await send(ledger.registry, ledger.admin, 'suspendClient', client.id, 'unpaid')
    await refuses('rate', argsOf(rating), 'ClientRefused')
  })

  it('takes only receipts that are on the ledger', async () => {
    const [, second] = citations
    const forged = { ...second!, commit: { ...second!.commit, sequence: 99n } }
    const rating = { ...ratingOf(0, 5), sequence: 99 }
    const args = [rating, ledger.sign(client.wallet, 'Rating', rating), forged]
    let refusal = ''
    try {
      await ledger.credit.getFunction('rate').staticCall(...args)
    } catch (cause) {
      refusal = String(cause)
    }
    const selector = ledger.receipts.interface.getError('NotRecorded')?.selector ?? 'none'
    expect(refusal).to.match(new RegExp(`NotRecorded|${selector}`))
  })

  it('takes scores 1 to 5, and below 5 only with a cause', async () => {
    await refuses('rate', argsOf(ratingOf(0, 0)), 'ScoreRefused')
    await refuses('rate', argsOf(ratingOf(0, 6)), 'ScoreRefused')
    await refuses('rate', argsOf(ratingOf(0, 4, 0)), 'CauseMissing')
    await send(ledger.credit, stranger, 'rate', ...argsOf(ratingOf(0, 5, 0)))
    expect(await creditNow()).to.be.greaterThan(25_130)
  })

  it('counts four ratings each way for one client, node and day', async () => {
    const left = async () => {
      const found = await read<{ toArray(): bigint[] }>(
        ledger.credit,
        'weightLeft',
        client.id,
        node.id,
      )
      return found.toArray()
    }
    await startOfDay()
    for (const sequence of [0, 1, 2, 3]) await rate(sequence, 5)
    expect(await left()).to.deep.equal([0n, 4n])
    const before = await creditNow()
    const receipt = await rate(4, 5)
    expect(eventsOf(ledger.credit, receipt).map((event) => event.name)).to.deep.equal(['Rated'])
    expect(eventsOf(ledger.credit, receipt)[0]?.args.getValue('counted')).to.equal(false)
    expect(await creditNow()).to.equal(before)
    await rate(5, 1)
    expect(await creditNow()).to.be.lessThan(before)
    await ledger.passTime(86_400)
    expect(await left()).to.deep.equal([4n, 4n])
    const low = await creditNow()
    await rate(6, 5)
    expect(await creditNow()).to.be.greaterThan(low)
  })

  it('can be recomputed from the events alone', async () => {
    const scores = [5, 1, 4, 3, 5, 2, 5, 5, 1, 5, 5, 1]
    for (const [sequence, score] of scores.entries()) {
      await rate(sequence, score)
      if (sequence % 3 === 2) await ledger.passTime(50_000)
      if (sequence === 7) await annul(1, 'the link was down')
    }
    const replayed = await replay()
    const evidence = await read<{ toArray(): bigint[] }>(ledger.credit, 'evidenceOf', node.id, 0)
    expect(evidence.toArray()).to.deep.equal([replayed.s, replayed.f, replayed.round])
    expect(await creditNow()).to.equal(creditOf(replayed))
  })

  it('agrees with the TypeScript rule on random ratings', async () => {
    // Seeded, so that a red run can be repeated.
    let seed = 20261121
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return Math.floor((seed / 2_147_483_648) * below)
    }
    const commits = Array.from({ length: 60 }, (_, i) =>
      commitOf({ client, node, sequence: 100 + i }),
    )
    const more = await recordAll(ledger, commits, { client, node })
    let evidence: Evidence = NO_EVIDENCE
    let budget: RatingBudget = UNUSED_BUDGET
    for (const citation of more) {
      if (random(3) === 0) await ledger.passTime(20_000 + random(80_000))
      const rating = ratingOf(Number(citation.commit.sequence), 1 + random(5))
      const signature = ledger.sign(client.wallet, 'Rating', rating)
      await send(ledger.credit, stranger, 'rate', rating, signature, citation)
      const spent = spendBudget(budget, {
        score: rating.score,
        epoch: (await ledger.now()) / 86_400n,
      })
      budget = spent.budget
      if (spent.counted) evidence = applyRating(evidence, rating.score)
      expect(await creditNow()).to.equal(creditOf(evidence))
    }
    expect(Number(evidence.round)).to.be.greaterThan(20)
  })

  describe('appeal', () => {
    it('is filed by the node and answered by the steward, who may take the rating back', async () => {
      await rate(0, 5)
      const before = await creditNow()
      await rate(1, 1)
      expect(await creditNow()).to.be.lessThan(before)
      await send(ledger.credit, node.wallet, 'appeal', node.id, 1, hash('log excerpt'))
      const receipt = await annul(1, 'the satellite link was down')
      const events = eventsOf(ledger.credit, receipt)
      expect(events.map((event) => event.name)).to.deep.equal(['Annulled', 'CreditChanged'])
      expect(events[0]?.args.getValue('reason')).to.equal('the satellite link was down')
      const expected = annulRating(applyRating(applyRating(NO_EVIDENCE, 5), 1), {
        score: 1,
        round: 2n,
      })
      expect(expected.f).to.equal(0n)
      expect(await creditNow()).to.equal(creditOf(expected))
      await refuses('annul', [node.id, 1, 'again'], 'AlreadyAnnulled', ledger.admin)
    })

    it('can be dismissed, with a reason', async () => {
      await rate(0, 2)
      const before = await creditNow()
      await send(ledger.credit, node.wallet, 'appeal', node.id, 0, hash('reasons'))
      const receipt = await send(ledger.credit, ledger.admin, 'dismiss', node.id, 0, 'logs agree')
      expect(eventsOf(ledger.credit, receipt, 'AppealDismissed')).to.have.length(1)
      expect(await creditNow()).to.equal(before)
      await refuses('appeal', [node.id, 0, hash('again')], 'AppealRefused', node.wallet)
      await refuses('dismiss', [node.id, 0, 'again'], 'AppealRefused', ledger.admin)
    })

    it('is for the rated node, about ratings below 5 that counted', async () => {
      await rate(0, 5)
      const args = [node.id, 0, hash('reasons')]
      await refuses('appeal', args, 'NotTheNode')
      await refuses('appeal', args, 'AppealRefused', node.wallet)
      await refuses('appeal', [node.id, 1, hash('reasons')], 'NotRated', node.wallet)
    })

    it('is decided by the steward only, with a reason', async () => {
      await rate(0, 1)
      await refuses('annul', [node.id, 0, 'because'], 'NotSteward')
      await refuses('dismiss', [node.id, 0, 'because'], 'NotSteward')
      await refuses('annul', [node.id, 0, ''], 'ReasonRefused', ledger.admin)
      await refuses('annul', [node.id, 0, 'x'.repeat(257)], 'ReasonRefused', ledger.admin)
      await refuses('annul', [node.id, 7, 'because'], 'NotRated', ledger.admin)
    })
  })

  const annul = (sequence: number, reason: string) =>
    send(ledger.credit, ledger.admin, 'annul', node.id, sequence, reason)

  async function startOfDay() {
    const now = await ledger.now()
    await ledger.passTime(Number(86_400n - (now % 86_400n)))
  }

  /** What a reader without access to the contract's state does. */
  async function replay(): Promise<Evidence> {
    const logs = await ledger.connection.ethers.provider.getLogs({
      address: ledger.credit.target as string,
      fromBlock: 0,
    })
    const rounds = new Map<bigint, { score: number; round: bigint }>()
    let evidence: Evidence = NO_EVIDENCE
    for (const log of logs) {
      const event = ledger.credit.interface.parseLog(log)
      const sequence = event?.args.getValue('sequence') as bigint
      if (event?.name === 'Rated' && event.args.getValue('counted') === true) {
        const score = Number(event.args.getValue('score'))
        evidence = applyRating(evidence, score)
        rounds.set(sequence, { score, round: evidence.round })
      }
      if (event?.name === 'Annulled') {
        const rating = rounds.get(sequence)
        if (rating === undefined) throw new Error(`annulled before it was rated: ${sequence}`)
        evidence = annulRating(evidence, rating)
      }
      if (event?.name === 'CreditChanged') {
        expect(Number(event.args.getValue('creditAfter'))).to.equal(creditOf(evidence))
      }
    }
    return evidence
  }
})
