import { OrlopError } from '@orlop/protocol/errors'
import { expect } from 'chai'
import { failureOf } from '../testkit/failure-of.ts'
import { MemoryServices, RECOVERY_ADDRESS } from '../testkit/memory-services.ts'
import { MemoryVaultClient, sampleRecord } from '../testkit/memory-vault-client.ts'
import { Session } from './session.ts'

const KEYRING = { text: '{"format":"orlop-keyring"}', label: 'keyring.json' }
const PASSPHRASE = 'seven bells'
const RIGHT = { passphrase: PASSPHRASE, remember: false }

describe('session of the vault', () => {
  let client: MemoryVaultClient
  let services: MemoryServices
  let session: Session
  /** Every state that was shown. */
  let shown: string[]

  beforeEach(() => {
    client = new MemoryVaultClient(sampleRecord('admitted'))
    const clock = { nowMs: () => 0, monotonicMs: () => 0 }
    services = new MemoryServices({ client, clock, passphrase: PASSPHRASE })
    session = new Session(services)
    shown = []
    session.subscribe(() => {
      const { state } = session
      shown.push(state.kind === 'opening' ? state.step : state.kind)
    })
  })

  it('opens a keyring step by step', async () => {
    await session.open(KEYRING, RIGHT)
    expect(shown).to.deep.equal(['keyring', 'home', 'ledger', 'open'])
    const { state } = session
    if (state.kind !== 'open') throw new Error(`expected open, got ${state.kind}`)
    expect(state.vault.record.clientId).to.equal(7)
    expect(state.vault.recoveryAddress).to.equal(RECOVERY_ADDRESS)
  })

  it('stays closed with a wrong passphrase, and opens with the right one after it', async () => {
    const wrong = session.open(KEYRING, { passphrase: 'eight bells', remember: true })
    expect(await failureOf(wrong)).to.include({ code: 'KEYRING_LOCKED' })
    expect(session.state).to.deep.equal({ kind: 'closed', why: 'start' })
    expect(services.remembered).to.equal(null)
    await session.open(KEYRING, RIGHT)
    expect(session.state.kind).to.equal('open')
  })

  it('remembers the encrypted keyring when it is asked to, and only then', async () => {
    await session.open(KEYRING, RIGHT)
    expect(services.remembered).to.equal(null)
    await session.lock('locked')
    await session.open(KEYRING, { ...RIGHT, remember: true })
    expect(services.remembered).to.deep.equal(KEYRING)
  })

  it('wipes the keys and closes the client when it is locked', async () => {
    await session.open(KEYRING, RIGHT)
    const { state } = session
    if (state.kind === 'open') state.vault.passphrases.set(3, 'orlop:x', 'secret')
    await session.lock('idle')
    expect(session.state).to.deep.equal({ kind: 'closed', why: 'idle' })
    expect(client.isClosed).to.equal(true)
    expect(services.keyrings.map(({ isDisposed }) => isDisposed)).to.deep.equal([true])
    if (state.kind === 'open') {
      expect(state.vault.passphrases.get(3, 'orlop:x')).to.equal(undefined)
    }
  })

  it('waits for no link when it is locked, and tells what could not be closed', async () => {
    await session.open(KEYRING, RIGHT)
    const hurried: boolean[] = []
    client.close = (options) => {
      hurried.push(options?.signal?.aborted === true)
      return Promise.reject(new OrlopError('HOME_DAMAGED', 'The home could not be closed.'))
    }
    await session.lock('idle')
    expect(hurried).to.deep.equal([true])
    expect(services.keyrings.map(({ isDisposed }) => isDisposed)).to.deep.equal([true])
    expect(session.state).to.deep.include({ kind: 'closed', why: 'idle' })
    expect(session.state).to.have.nested.property('error.code', 'HOME_DAMAGED')
  })

  it('wipes the keys when no client can be made of them', async () => {
    services.clientFailure = new OrlopError('HOME_LOCKED', 'Another tab has it.')
    const opening = session.open(KEYRING, RIGHT)
    expect(await failureOf(opening)).to.include({ code: 'HOME_LOCKED' })
    expect(session.state.kind).to.equal('closed')
    expect(services.keyrings.map(({ isDisposed }) => isDisposed)).to.deep.equal([true])
  })

  it('opens nothing and wipes what it got when it is locked while it opens', async () => {
    const derived = Promise.withResolvers<undefined>()
    services.derivation = derived.promise
    const opening = session.open(KEYRING, { ...RIGHT, remember: true })
    await session.lock('locked')
    derived.resolve(undefined)
    await opening
    expect(session.state).to.deep.equal({ kind: 'closed', why: 'locked' })
    expect(services.keyrings.map(({ isDisposed }) => isDisposed)).to.deep.equal([true])
    expect(services.remembered).to.equal(null)
  })

  it('opens with what it knew while the ledger is away', async () => {
    client.failure = new OrlopError('LEDGER_UNREACHABLE', 'The ledger is away.')
    await session.open(KEYRING, RIGHT)
    expect(session.state.kind).to.equal('open')
  })

  it('does not open while the ledger is away and nothing is known', async () => {
    client.record = null
    client.failure = new OrlopError('LEDGER_UNREACHABLE', 'The ledger is away.')
    const opening = session.open(KEYRING, RIGHT)
    expect(await failureOf(opening)).to.include({ code: 'LEDGER_UNREACHABLE' })
    expect(client.isClosed).to.equal(true)
  })

  it('goes from a new keyring over registration and waiting to the open vault', async () => {
    client.record = null
    await session.make(PASSPHRASE, 'new.json')
    expect(session.state).to.include({ kind: 'made', label: 'new.json' })
    await session.keep()
    expect(session.state.kind).to.equal('unregistered')
    await session.register({ name: 'Piraeus fleet office', imoNumber: 0 })
    expect(session.state.kind).to.equal('waiting')
    await session.check()
    expect(session.state.kind).to.equal('waiting')
    client.record = sampleRecord('admitted')
    await session.check()
    expect(session.state.kind).to.equal('open')
  })

  it('keeps a new keyring in sight when the next step fails', async () => {
    await session.make(PASSPHRASE, 'new.json')
    services.clientFailure = new OrlopError('NODE_UNREACHABLE', 'The gateway is away.')
    expect(await failureOf(session.keep())).to.include({ code: 'NODE_UNREACHABLE' })
    expect(session.state.kind).to.equal('made')
    expect(services.keyrings.map(({ isDisposed }) => isDisposed)).to.deep.equal([false])
    services.clientFailure = null
    await session.keep()
    expect(session.state.kind).to.equal('open')
  })

  it('opens the vault of a suspended client: it may still read', async () => {
    client.record = sampleRecord('suspended')
    await session.open(KEYRING, RIGHT)
    expect(session.state.kind).to.equal('open')
  })

  it('forgets this browser: locked, keyring and home deleted', async () => {
    await session.open(KEYRING, { ...RIGHT, remember: true })
    await session.forget()
    expect(session.state).to.deep.equal({ kind: 'closed', why: 'forgotten' })
    expect(client.isClosed).to.equal(true)
    expect(services.remembered).to.equal(null)
    expect(services.forgotten).to.deep.equal([RECOVERY_ADDRESS])
  })

  it('is busy while something holds it', async () => {
    await session.open(KEYRING, RIGHT)
    expect(session.isBusy).to.equal(false)
    const over = session.hold()
    expect(session.isBusy).to.equal(true)
    over()
    over()
    expect(session.isBusy).to.equal(false)
  })
})
