import { expect } from 'chai'
import { rotateSignerType } from '@orlop/protocol/messages/identity'
import { ratingType } from '@orlop/protocol/messages/keeping'
import { signMessage } from '@orlop/protocol/typed-message'
import { offerAnswer } from '@orlop/protocol/wire/offer'
import {
  RELAY_PAGE_RECORDS,
  relayAccepted,
  relayClient,
  relayHead,
  relayNodes,
  relayReceipts,
} from '@orlop/protocol/wire/relay'
import { encodeFrame } from '@orlop/protocol/wire/frame'
import { Fleet, type FleetNode } from '../testkit/fleet.ts'
import { accountOf, keyOf } from '../testkit/test-keys.ts'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { next, ScriptedClient } from '../testkit/scripted-client.ts'

describe('relay', () => {
  let fleet: Fleet
  let nodes: FleetNode[]
  let ship: ScriptedClient

  beforeEach(async () => {
    fleet = new Fleet()
    nodes = [await fleet.startNode('A01'), await fleet.startNode('A02')]
    ship = await fleet.client('ship')
  })

  afterEach(async () => {
    await fleet.close()
  })

  async function guest(name: string): Promise<ScriptedClient> {
    const client = await ScriptedClient.create({ name, fleet })
    client.role = 'guest'
    return client
  }

  it('reads head, nodes, clients and receipts for a client', async () => {
    const [{ node }] = nodes as [FleetNode]
    const { head } = await ship.ask(node, 'relay', { request: { head: true }, answer: relayHead })
    expect(head.blockNumber).to.be.above(0)
    const listed = await ship.ask(node, 'relay', { request: { nodes: true }, answer: relayNodes })
    expect(listed.more).to.equal(false)
    expect(listed.records.map(({ name }) => name)).to.deep.equal(['A01', 'A02'])
    for (const client of [ship.clientId, ship.account]) {
      const found = await ship.ask(node, 'relay', { request: { client }, answer: relayClient })
      expect(found.client?.clientId).to.equal(ship.clientId)
    }
    const request = { client: 77 }
    expect(await ship.ask(node, 'relay', { request, answer: relayClient })).to.deep.equal({
      client: null,
    })
    const receipts = await ship.ask(node, 'relay', {
      request: { receipts: { clientId: ship.clientId } },
      answer: relayReceipts,
    })
    expect(receipts).to.deep.equal({ records: [], more: false })
  })

  it('gives long lists in pages', async () => {
    const [{ node }] = nodes as [FleetNode]
    for (let index = 0; index <= RELAY_PAGE_RECORDS; index++) {
      const { chain } = fleet.createNode(`extra ${index}`, '/nowhere')
      await chain.registerNode({
        name: `E${index}`,
        peerId: ship.transport.peerId,
        addresses: [],
        tier: 'light',
        region: '',
        capacityBytes: 1,
      })
    }
    const channel = await ship.open(node, 'relay')
    await channel.send(encodeFrame({ nodes: true }))
    const first = await next(channel, relayNodes)
    const second = await next(channel, relayNodes)
    expect([first.records.length, first.more]).to.deep.equal([RELAY_PAGE_RECORDS, true])
    expect([second.records.length, second.more]).to.deep.equal([3, false])
  })

  it('registers a guest, who then is a client', async () => {
    const newcomer = await guest('newcomer')
    const request = { registerClient: newcomer.registration }
    const answer = await newcomer.ask(nodes[1]!.node, 'relay', { request, answer: relayAccepted })
    expect(answer.id).to.be.a('number')
    const record = await fleet.admin.client(answer.id!)
    expect(record).to.include({ signer: accountOf('newcomer'), state: 'pending' })
  })

  it('gives the id again when a registration is repeated', async () => {
    const newcomer = await guest('repeated')
    const request = { registerClient: newcomer.registration }
    const ask = () => newcomer.ask(nodes[1]!.node, 'relay', { request, answer: relayAccepted })
    expect(await ask()).to.deep.equal(await ask())
  })

  it('puts new keys on the ledger for a guest that has the recovery key, and for no other', async () => {
    const stranger = await guest('new computer')
    const message = {
      clientId: ship.clientId,
      newSigner: stranger.account,
      newOpeningKey: new Uint8Array(32).fill(6),
      nonce: 0,
    }
    const rotatedBy = (key: Uint8Array) => ({
      request: {
        rotateSigner: signMessage(rotateSignerType, fleet.ledger.deployment, message, key),
      },
      answer: relayAccepted,
    })
    const { node } = nodes[1]!
    const forged = stranger.ask(node, 'relay', rotatedBy(keyOf('new computer ledger')))
    expect((await failureOf(forged)).code).to.equal('SIGNATURE_INVALID')
    const relayed = new Promise((resolve) => {
      node.storage!.relay.subscribe((event) => {
        if (event.kind === 'relayed') resolve(event.message)
      })
    })
    await stranger.ask(node, 'relay', rotatedBy(keyOf('ship recovery ledger')))
    expect(await relayed).to.equal('rotateSigner')
    expect((await fleet.admin.client(ship.clientId))?.signer).to.equal(stranger.account)
  })

  it('does nothing else for a guest', async () => {
    const stranger = await guest('stranger')
    const receipts = { request: { receipts: {} }, answer: relayReceipts }
    expect((await failureOf(stranger.ask(nodes[0]!.node, 'relay', receipts))).code).to.equal(
      'NOT_ADMITTED',
    )
    const offer = stranger.offerOf(stranger.object('x', 1), [nodes[0]!.node])
    const asked = { request: { offer }, answer: offerAnswer }
    expect((await failureOf(stranger.ask(nodes[0]!.node, 'offer', asked))).code).to.equal(
      'NOT_ADMITTED',
    )
  })

  it('refuses a registration that its own key did not sign', async () => {
    const newcomer = await guest('victim')
    const { message } = newcomer.registration
    const thief = await guest('registrar')
    const registration = { ...thief.registration, message }
    const asked = { request: { registerClient: registration }, answer: relayAccepted }
    expect((await failureOf(thief.ask(nodes[0]!.node, 'relay', asked))).code).to.equal(
      'SIGNATURE_INVALID',
    )
  })

  it('takes a rating of another node, and none of itself', async () => {
    const [first, second] = nodes as [FleetNode, FleetNode]
    const object = ship.object('rated', 500, 1)
    const { commits } = await ship.put(object, [first.node])
    const { nodeId, sequence } = commits[0]!.message
    const rating = ship.sign(ratingType, {
      nodeId,
      sequence,
      clientId: ship.clientId,
      score: 5,
      causeCode: 1,
    })
    const asked = { request: { rating }, answer: relayAccepted }
    expect((await failureOf(ship.ask(first.node, 'relay', asked))).code).to.equal('NOT_AUTHORIZED')
    expect(await ship.ask(second.node, 'relay', asked)).to.deep.equal({ accepted: true })
  })

  it('refuses ratings that are out of range or signed by another', async () => {
    const message = { nodeId: 1, sequence: 0, clientId: ship.clientId, score: 6, causeCode: 1 }
    const outOfRange = {
      request: { rating: ship.sign(ratingType, message) },
      answer: relayAccepted,
    }
    expect((await failureOf(ship.ask(nodes[1]!.node, 'relay', outOfRange))).code).to.equal(
      'MALFORMED_MESSAGE',
    )
    const thief = await fleet.client('thief')
    const rating = thief.sign(ratingType, { ...message, score: 1 })
    const forged = { request: { rating }, answer: relayAccepted }
    expect((await failureOf(ship.ask(nodes[1]!.node, 'relay', forged))).code).to.equal(
      'SIGNATURE_INVALID',
    )
  })

  it('limits how often one peer may ask', async () => {
    const limited = await fleet.startNode('A03', { options: { relayReadsPerMinute: 2 } })
    const asked = { request: { head: true }, answer: relayHead }
    await ship.ask(limited.node, 'relay', asked)
    await ship.ask(limited.node, 'relay', asked)
    const failure = await failureOf(ship.ask(limited.node, 'relay', asked))
    expect(failure.code).to.equal('PEER_LIMIT')
    expect(failure.details['retryAfterMs']).to.be.above(0)
  })
})
