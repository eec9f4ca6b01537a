import { expect } from 'chai'
import { OrlopError } from '@orlop/protocol/errors'
import type { SignedRating } from '@orlop/protocol/messages/keeping'
import { codeOf } from '../storage/blob-store.conformance.ts'
import type { NodeStorage } from '../storage/interfaces.ts'
import { TestWorld, keyFor } from '../storage/testkit/test-world.ts'
import type { OutboxEvent } from './outbox-event.ts'
import type { RelayedMessage } from './relayed-message.ts'

const signature = new Uint8Array(64)
const anchor = (version: number): RelayedMessage => ({
  anchorEnvelope: {
    message: {
      objectId: keyFor(1).objectId,
      clientId: 1,
      version,
      envelopeHash: new Uint8Array(32),
    },
    signature,
  },
})
const rating: SignedRating = {
  message: { nodeId: 2, sequence: 0, clientId: 1, score: 5, causeCode: 1 },
  signature,
}

/** A ledger of which tests decide each answer. */
class ScriptedLedger {
  readonly calls: string[] = []
  readonly standing = new Map<string, boolean>()
  refusal: string | null = null
  isOut = false
  #transactions = 0

  readonly anchorEnvelope = () => this.#send('anchor')
  readonly extend = () => this.#send('extend')
  readonly remove = () => this.#send('remove')
  readonly rate = () => this.#send('rate')

  readonly inclusion = (hash: string) => {
    const isFinal = this.standing.get(hash)
    return Promise.resolve(isFinal === undefined ? null : { blockNumber: 1, isFinal })
  }

  #send(call: string): Promise<string> {
    if (this.isOut) return Promise.reject(new OrlopError('LEDGER_UNREACHABLE', 'no answer'))
    this.calls.push(call)
    if (this.refusal !== null) {
      const details = { reason: this.refusal }
      return Promise.reject(new OrlopError('LEDGER_REJECTED', this.refusal, { details }))
    }
    const hash = `0x${String(++this.#transactions)}`
    this.standing.set(hash, false)
    return Promise.resolve(hash)
  }
}

/** The calls that a script has, and for the others those of the world's ledger. */
function scripted(world: TestWorld, ledger: ScriptedLedger) {
  const { chain } = world
  return {
    head: chain.head.bind(chain),
    node: chain.node.bind(chain),
    record: chain.record.bind(chain),
    isRecorded: chain.isRecorded.bind(chain),
    receipts: chain.receipts.bind(chain),
    registerClient: chain.registerClient.bind(chain),
    rotateSigner: chain.rotateSigner.bind(chain),
    client: chain.client.bind(chain),
    clientBySigner: chain.clientBySigner.bind(chain),
    anchorEnvelope: ledger.anchorEnvelope,
    extend: ledger.extend,
    remove: ledger.remove,
    rate: ledger.rate,
    inclusion: ledger.inclusion,
  }
}

describe('relay queue', () => {
  let world: TestWorld
  let storage: NodeStorage
  let ledger: ScriptedLedger
  beforeEach(async () => {
    world = await TestWorld.create()
    ledger = new ScriptedLedger()
    storage = await open()
  })
  afterEach(async () => {
    await storage.close()
    await world.destroy()
  })

  const reopened = async () => {
    await storage.close()
    return open()
  }
  const open = () => world.open({}, { ledger: scripted(world, ledger) })

  /** Lets the loop run until it waits again. */
  const settle = async (act: () => Promise<unknown> | undefined): Promise<number> => {
    const waiting = world.time.nextWait()
    await act()
    return waiting
  }
  const start = () => settle(() => storage.relay.start())
  const pass = (ms: number) =>
    settle(() => {
      world.time.advance(ms)
      return undefined
    })
  const submit = async (message: RelayedMessage): Promise<string> => {
    let id = ''
    await settle(async () => {
      id = (await storage.relay.submit(message)).relayId
    })
    return id
  }

  it('puts a message on the ledger at once and lets go when it is final', async () => {
    const kinds: OutboxEvent['kind'][] = []
    storage.relay.subscribe(({ kind }) => kinds.push(kind))
    await start()
    const id = await submit(anchor(1))
    expect(await storage.relay.status(id)).to.deep.equal({ state: 'sent', transactionHash: '0x1' })
    await pass(5000)
    expect(storage.relay.waiting).to.equal(1)
    ledger.standing.set('0x1', true)
    await pass(5000)
    expect(await storage.relay.status(id)).to.equal(null)
    expect(storage.relay.waiting).to.equal(0)
    expect(kinds).to.deep.equal(['relayed', 'relay-final'])
    expect(ledger.calls).to.deep.equal(['anchor'])
  })

  it('takes the same message once', async () => {
    const { relayId } = await storage.relay.submit(anchor(1))
    expect(await storage.relay.submit(anchor(1))).to.deep.equal({ relayId })
    await storage.relay.submit(anchor(2))
    await start()
    expect(ledger.calls).to.deep.equal(['anchor', 'anchor'])
  })

  it('keeps messages through an outage and a restart', async () => {
    ledger.isOut = true
    const { relayId } = await storage.relay.submit(anchor(1))
    expect(await start()).to.equal(500)
    expect(await pass(500)).to.equal(1000)
    storage = await reopened()
    expect(storage.relay.waiting).to.equal(1)
    ledger.isOut = false
    await start()
    expect(await storage.relay.status(relayId)).to.include({ state: 'sent' })
  })

  it('puts a message again when its transaction vanished', async () => {
    await start()
    const id = await submit(anchor(1))
    ledger.standing.clear()
    await pass(5000)
    await pass(1)
    expect(ledger.calls).to.deep.equal(['anchor', 'anchor'])
    expect(await storage.relay.status(id)).to.include({ transactionHash: '0x2' })
  })

  it('waits when the receipt that a rating is about is not recorded yet', async () => {
    await start()
    ledger.refusal = 'NotRecorded'
    const id = await submit({ rating })
    expect(await storage.relay.status(id)).to.include({ state: 'waiting', problem: 'NotRecorded' })
    ledger.refusal = null
    await pass(500)
    expect(await storage.relay.status(id)).to.include({ state: 'sent' })
    expect(ledger.calls).to.deep.equal(['rate', 'rate'])
  })

  it('gives up on what no waiting changes, says why, and takes it again when asked anew', async () => {
    const events: OutboxEvent[] = []
    storage.relay.subscribe((event) => events.push(event))
    await start()
    ledger.refusal = 'BadSignature'
    const id = await submit(anchor(1))
    expect(await storage.relay.status(id)).to.include({
      state: 'rejected',
      problem: 'BadSignature',
    })
    expect(events).to.have.nested.property('[0].kind', 'relay-rejected')
    storage = await reopened()
    expect(storage.relay.waiting).to.equal(0)
    await start()
    ledger.refusal = null
    await submit(anchor(1))
    expect(await storage.relay.status(id)).to.include({ state: 'sent' })
  })

  it('gives up on a refusal that lasts for a week', async () => {
    ledger.refusal = 'NotRecorded'
    const { relayId } = await storage.relay.submit({ rating })
    world.time.advance(7 * 24 * 3_600_000)
    await start()
    expect(await storage.relay.status(relayId)).to.include({ state: 'rejected' })
  })

  it('takes a rating that is on the ledger already as done', async () => {
    ledger.refusal = 'AlreadyRated'
    const { relayId } = await storage.relay.submit({ rating })
    await start()
    expect(await storage.relay.status(relayId)).to.deep.equal({ state: 'sent' })
    await pass(600_000)
    expect(await storage.relay.status(relayId)).to.equal(null)
  })

  it('registers a client once, tells its number, and again when the ledger forgot it', async () => {
    const empty = await TestWorld.create()
    empty.ledger.dropBlocks(100)
    await storage.close()
    storage = await world.open({}, { ledger: empty.chain })
    const message = { registerClient: empty.signedRegistration() }
    const { relayId } = await storage.relay.submit(message)
    await start()
    expect(await storage.relay.status(relayId)).to.deep.equal({ state: 'sent', clientId: 1 })
    empty.ledger.dropBlocks(100)
    expect(await empty.chain.client(1)).to.equal(null)
    await pass(5000)
    await pass(1)
    expect((await empty.chain.client(1))?.name).to.equal('test')
    await pass(600_000)
    expect(await storage.relay.status(relayId)).to.equal(null)
    await empty.destroy()
  })

  it('refuses a message that is not of its schema before it is kept', async () => {
    const broken = { rating: { ...rating, signature: new Uint8Array(3) } }
    const outcome = codeOf(storage.relay.submit(broken)).catch(() => 'thrown')
    expect(await outcome).to.equal('thrown')
    expect(storage.relay.waiting).to.equal(0)
  })
})
