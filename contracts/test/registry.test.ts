import { expect } from 'chai'
import { type Wallet, ZeroAddress, ZeroHash } from 'ethers'
import {
  HEAVY,
  Ledger,
  NO_SIGNATURE,
  eventsOf,
  hash,
  profileOf,
  read,
  registrationOf,
  send,
} from './support/ledger.ts'
import { expectRevert } from './support/reverts.ts'

const [PENDING, ADMITTED, DRAINING, RETIRED] = [1n, 2n, 3n, 4n]
const [CLIENT_PENDING, CLIENT_ADMITTED, CLIENT_SUSPENDED] = [1n, 2n, 3n]

interface NodeView {
  account: string
  state: bigint
  tier: bigint
  lastSeen: bigint
  freeBytes: bigint
  profile: { addresses: string; name: string }
}

interface ClientView {
  signer: string
  state: bigint
  minimumImportance: bigint
  nonce: bigint
  openingKey: string
}

/** Who calls what with which arguments, and the error's name alone or with all its values. */
type RegistryCall = [by: Wallet, method: string, args: unknown[], error: [string, ...unknown[]]]

function expectRefused(ledger: Ledger, ...[by, method, args, [error, ...values]]: RegistryCall) {
  return expectRevert(
    { contract: ledger.registry, by, method, args },
    values.length === 0 ? { error } : { error, args: values },
  )
}

describe('Registry: nodes', () => {
  let ledger: Ledger
  let stranger: Wallet

  beforeEach(async () => {
    ledger = await Ledger.deploy()
    stranger = await ledger.wallet('stranger')
  })
  afterEach(() => ledger.close())

  const nodeOf = (id: number) => read<NodeView>(ledger.registry, 'node', id)
  const refuses = (...call: RegistryCall) => expectRefused(ledger, ...call)

  it('numbers nodes from 1 and leaves them pending until the steward admits them', async () => {
    const first = await ledger.addNode('A01', false)
    const second = await ledger.addNode('A02', false)
    expect([first.id, second.id]).to.deep.equal([1, 2])
    expect((await nodeOf(1)).state).to.equal(PENDING)
    const receipt = await send(ledger.registry, ledger.admin, 'admitNode', 1, 'papers seen')
    const [event] = eventsOf(ledger.registry, receipt, 'NodeStateChanged')
    expect(event?.args.toArray()).to.deep.equal([1n, PENDING, ADMITTED, 'papers seen'])
    expect((await nodeOf(1)).state).to.equal(ADMITTED)
    expect(await read(ledger.registry, 'nodeIdOf', second.wallet.address)).to.equal(2n)
    expect(await read(ledger.registry, 'accountOf', 2)).to.equal(second.wallet.address)
  })

  it('admits at once what the steward registers', async () => {
    await send(ledger.registry, ledger.admin, 'registerNode', profileOf('A01'), HEAVY)
    expect((await nodeOf(1)).state).to.equal(ADMITTED)
  })

  it('gives one account one node', async () => {
    const { wallet } = await ledger.addNode('A01')
    const args = [profileOf('A01'), HEAVY]
    await refuses(wallet, 'registerNode', args, ['AccountInUse', wallet.address, 1n])
  })

  it('drains, takes back and retires; retired is final', async () => {
    await ledger.addNode('A01')
    await send(ledger.registry, ledger.admin, 'drainNode', 1, 'dry dock')
    expect((await nodeOf(1)).state).to.equal(DRAINING)
    await send(ledger.registry, ledger.admin, 'admitNode', 1, 'back')
    await send(ledger.registry, ledger.admin, 'retireNode', 1, 'sold')
    expect((await nodeOf(1)).state).to.equal(RETIRED)
    const values = [1n, RETIRED, ADMITTED]
    await refuses(ledger.admin, 'admitNode', [1, ''], ['NodeTransitionRefused', ...values])
  })

  it('lets only the steward decide about members', async () => {
    await ledger.addNode('A01', false)
    for (const method of ['admitNode', 'drainNode', 'retireNode', 'suspendClient']) {
      await refuses(stranger, method, [1, ''], ['AccessControlUnauthorizedAccount'])
    }
    await refuses(stranger, 'setTier', [1, 2, ''], ['AccessControlUnauthorizedAccount'])
    await refuses(stranger, 'admitClient', [1, 0, ''], ['AccessControlUnauthorizedAccount'])
    await refuses(stranger, 'setMaster', [1], ['AccessControlUnauthorizedAccount'])
  })

  it('makes a node the steward by naming it master, and takes the role from the one before', async () => {
    const first = await ledger.addNode('A01')
    const second = await ledger.addNode('A02')
    await ledger.addNode('A03', false)
    await send(ledger.registry, ledger.admin, 'setMaster', first.id)
    await send(ledger.registry, first.wallet, 'admitNode', 3, 'admitted by a node')
    await send(ledger.registry, ledger.admin, 'setMaster', second.id)
    expect(await read(ledger.registry, 'isSteward', first.wallet.address)).to.equal(false)
    expect(await read(ledger.registry, 'isSteward', second.wallet.address)).to.equal(true)
    expect(await read(ledger.registry, 'masterNodeId')).to.equal(2n)
    await refuses(ledger.admin, 'retireNode', [2, ''], ['NodeTransitionRefused'])
    await refuses(ledger.admin, 'drainNode', [2, ''], ['NodeTransitionRefused'])
  })

  it('refuses a master that is not admitted', async () => {
    await ledger.addNode('A01', false)
    await refuses(ledger.admin, 'setMaster', [1], ['MasterNotAdmitted', 1n])
  })

  it('remembers heartbeats and what a node says about itself', async () => {
    const node = await ledger.addNode('A01')
    await ledger.passTime(60)
    const receipt = await send(ledger.registry, node.wallet, 'heartbeat', 777n)
    const [event] = eventsOf(ledger.registry, receipt, 'Heartbeat')
    expect(event?.args.toArray()).to.deep.equal([1n, 777n])
    const seen = await ledger.now()
    const profile = { ...profileOf('A01'), addresses: '/dns4/a01/tcp/4001' }
    await send(ledger.registry, node.wallet, 'updateNode', profile)
    const view = await nodeOf(1)
    expect(view.freeBytes).to.equal(777n)
    expect(view.lastSeen).to.equal(seen)
    expect(view.profile.addresses).to.equal('/dns4/a01/tcp/4001')
    await refuses(stranger, 'heartbeat', [1n], ['NotANode', stranger.address])
    await refuses(stranger, 'updateNode', [profile], ['NotANode', stranger.address])
  })

  it('changes the tier by the steward only', async () => {
    await ledger.addNode('A01')
    await send(ledger.registry, ledger.admin, 'setTier', 1, 2, 'small disk')
    expect((await nodeOf(1)).tier).to.equal(2n)
    await refuses(ledger.admin, 'setTier', [1, 0, ''], ['InvalidField', 'tier'])
  })

  it('bounds every text', async () => {
    const tooLong = 'x'.repeat(3000)
    const profile = profileOf('A01')
    const wrong = {
      peerId: [`0x${'00'.repeat(65)}`, '0x'],
      addresses: [tooLong],
      region: [tooLong],
      name: [tooLong, ''],
    }
    for (const [field, values] of Object.entries(wrong)) {
      for (const value of values) {
        const args = [{ ...profile, [field]: value }, HEAVY]
        await refuses(stranger, 'registerNode', args, ['InvalidField', field])
      }
    }
    await ledger.addNode('A01', false)
    await refuses(ledger.admin, 'admitNode', [1, tooLong], ['InvalidField', 'reason'])
  })

  it('pages through nodes and names unknown ones', async () => {
    for (const name of ['A01', 'A02', 'A03']) await ledger.addNode(name)
    const page = await read<NodeView[]>(ledger.registry, 'nodes', 2, 10)
    expect(page.map((node) => node.profile.name)).to.deep.equal(['A02', 'A03'])
    expect(await read(ledger.registry, 'nodes', 4, 10)).to.have.length(0)
    expect(await read(ledger.registry, 'nodes', 0, 10)).to.have.length(0)
    await refuses(stranger, 'node', [9], ['UnknownNode', 9n])
    await refuses(ledger.admin, 'drainNode', [9, ''], ['UnknownNode', 9n])
  })
})

describe('Registry: clients', () => {
  let ledger: Ledger
  let relay: Wallet

  beforeEach(async () => {
    ledger = await Ledger.deploy()
    relay = await ledger.wallet('relay')
  })
  afterEach(() => ledger.close())

  const clientOf = (id: number) => read<ClientView>(ledger.registry, 'client', id)
  const refuses = (...call: RegistryCall) => expectRefused(ledger, ...call)

  it('registers what a client signed, whoever sends it, and waits for the steward', async () => {
    const client = await ledger.addClient('MV Example', false)
    expect(client.id).to.equal(1)
    const view = await clientOf(1)
    expect(view.state).to.equal(CLIENT_PENDING)
    expect(view.openingKey).to.equal(hash('opening key of MV Example'))
    const receipt = await send(ledger.registry, ledger.admin, 'admitClient', 1, 2, 'known ship')
    const [event] = eventsOf(ledger.registry, receipt, 'ClientStateChanged')
    expect(event?.args.toArray()).to.deep.equal([
      1n,
      CLIENT_PENDING,
      CLIENT_ADMITTED,
      2n,
      'known ship',
    ])
    expect((await clientOf(1)).minimumImportance).to.equal(2n)
  })

  it('admits at once what the steward relays', async () => {
    const signer = await ledger.wallet('signer')
    const message = registrationOf(signer, 'ship')
    const signature = ledger.sign(signer, 'RegisterClient', message)
    await send(ledger.registry, ledger.admin, 'registerClient', message, signature)
    expect((await clientOf(1)).state).to.equal(CLIENT_ADMITTED)
  })

  it('refuses a registration that its signer did not sign', async () => {
    const signer = await ledger.wallet('signer')
    const message = registrationOf(signer, 'ship')
    const signature = ledger.sign(signer, 'RegisterClient', message)
    const other = { ...message, name: 'another ship' }
    const values = [signer.address]
    await refuses(relay, 'registerClient', [other, signature], ['BadSignature', ...values])
    await refuses(relay, 'registerClient', [message, NO_SIGNATURE], ['BadSignature', ...values])
    await refuses(relay, 'registerClient', [message, '0x'], ['BadSignature', ...values])
    const long = `${signature}00`
    await refuses(relay, 'registerClient', [message, long], ['BadSignature', ...values])
  })

  it('refuses fields that make no client', async () => {
    const signer = await ledger.wallet('signer')
    const good = registrationOf(signer, 'ship')
    const wrong = [
      ['recovery', { ...good, recovery: signer.address }],
      ['recovery', { ...good, recovery: `0x${'00'.repeat(20)}` }],
      ['openingKey', { ...good, openingKey: `0x${'00'.repeat(32)}` }],
      ['name', { ...good, name: '' }],
      ['name', { ...good, name: 'x'.repeat(257) }],
    ] as const
    for (const [field, message] of wrong) {
      const signature = ledger.sign(signer, 'RegisterClient', message)
      await refuses(relay, 'registerClient', [message, signature], ['InvalidField', field])
    }
  })

  it('gives one signer one client, also after a rotation', async () => {
    const client = await ledger.addClient('ship')
    const again = registrationOf(client.wallet, 'second ship')
    const signature = ledger.sign(client.wallet, 'RegisterClient', again)
    const values = [client.wallet.address, 1n]
    await refuses(relay, 'registerClient', [again, signature], ['SignerInUse', ...values])
    await rotate('ship', 1, 0n)
    await refuses(relay, 'registerClient', [again, signature], ['SignerInUse', ...values])
  })

  it('rotates the signer by the recovery key, once for each nonce', async () => {
    const client = await ledger.addClient('ship')
    const { receipt, newSigner, args } = await rotate('ship', 1, 0n)
    const [event] = eventsOf(ledger.registry, receipt, 'SignerRotated')
    expect(event?.args.toArray()).to.deep.equal([
      1n,
      client.wallet.address,
      newSigner.address,
      hash('new opening key'),
      0n,
    ])
    expect(await read(ledger.registry, 'clientIdOf', client.wallet.address)).to.equal(0n)
    expect(await read(ledger.registry, 'clientIdOf', newSigner.address)).to.equal(1n)
    expect((await clientOf(1)).nonce).to.equal(1n)
    await refuses(relay, 'rotateSigner', args, ['WrongNonce', 1n, 1n, 0n])
  })

  it('refuses a rotation signed by the signer itself', async () => {
    const client = await ledger.addClient('ship')
    const newSigner = await ledger.wallet('new signer')
    const message = rotationOf(newSigner, 1, 0n)
    const signature = ledger.sign(client.wallet, 'RotateSigner', message)
    await refuses(relay, 'rotateSigner', [message, signature], ['BadSignature'])
    await refuses(
      relay,
      'rotateSigner',
      [{ ...message, clientId: 9 }, signature],
      ['UnknownClient'],
    )
  })

  it('refuses a rotation to no signer, to the recovery key, or without an opening key', async () => {
    await ledger.addClient('ship')
    const recovery = await ledger.wallet('recovery of ship')
    const message = rotationOf(await ledger.wallet('new signer'), 1, 0n)
    const refused = async (change: Partial<typeof message>, field: string) => {
      const changed = { ...message, ...change }
      const signature = ledger.sign(recovery, 'RotateSigner', changed)
      await refuses(relay, 'rotateSigner', [changed, signature], ['InvalidField', field])
    }
    await refused({ newSigner: ZeroAddress }, 'newSigner')
    await refused({ newSigner: recovery.address }, 'newSigner')
    await refused({ newOpeningKey: ZeroHash }, 'newOpeningKey')
  })

  it('suspends and admits again', async () => {
    await ledger.addClient('ship')
    await send(ledger.registry, ledger.admin, 'suspendClient', 1, 'unpaid')
    expect((await clientOf(1)).state).to.equal(CLIENT_SUSPENDED)
    await refuses(ledger.admin, 'suspendClient', [1, ''], ['ClientTransitionRefused'])
    await send(ledger.registry, ledger.admin, 'admitClient', 1, 0, 'paid')
    expect((await clientOf(1)).state).to.equal(CLIENT_ADMITTED)
    await refuses(ledger.admin, 'admitClient', [1, 4, ''], ['InvalidField', 'minimumImportance'])
  })

  it('pages through clients', async () => {
    for (const name of ['one', 'two', 'three']) await ledger.addClient(name)
    const page = await read<ClientView[]>(ledger.registry, 'clients', 1, 2)
    expect(page).to.have.length(2)
    expect(await read(ledger.registry, 'clients', 4, 2)).to.have.length(0)
    await refuses(relay, 'client', [9], ['UnknownClient', 9n])
  })

  const rotationOf = (newSigner: Wallet, clientId: number, nonce: bigint) => ({
    clientId,
    newSigner: newSigner.address,
    newOpeningKey: hash('new opening key'),
    nonce,
  })

  async function rotate(name: string, clientId: number, nonce: bigint) {
    const newSigner = await ledger.wallet('new signer')
    const recovery = await ledger.wallet(`recovery of ${name}`)
    const message = rotationOf(newSigner, clientId, nonce)
    const args = [message, ledger.sign(recovery, 'RotateSigner', message)]
    const receipt = await send(ledger.registry, relay, 'rotateSigner', ...args)
    return { receipt, newSigner, args }
  }
})
