import { expect } from 'chai'

import { expectError, expectRejection } from '../../testing/expect-error.ts'
import { CardAbsentError, CardFailureError, CardPinError } from '../card-errors.ts'
import { CKF } from './constants.ts'
import type { Cryptoki } from './cryptoki.ts'
import { CKR } from './return-codes.ts'
import { findToken, openOwnerSession } from './token.ts'

/** A library with tokens that count how often they are asked for a PIN. */
class FakeTokens {
  readonly labels: string[]
  flags: number = CKF.LOGIN_REQUIRED
  logins = 0
  openSessions = 0
  /** What C_Login returns; 0 when it succeeds. */
  status = 0
  serial = 'A'

  constructor(...labels: string[]) {
    this.labels = labels
  }

  get cryptoki(): Cryptoki {
    const functions: Partial<Cryptoki> = {
      C_GetSlotList: () => this.labels.map((_, index) => Buffer.of(index)),
      C_GetTokenInfo: (slot) => ({
        label: (this.labels[slot[0]!] ?? '').padEnd(32),
        manufacturerID: 'Maker\0\0',
        model: 'Model   ',
        serialNumber: this.serial,
        flags: this.flags,
        firmwareVersion: { major: 1, minor: 2 },
      }),
      C_OpenSession: () => Buffer.of(++this.openSessions),
      C_CloseSession: () => {
        this.openSessions--
      },
      C_Login: () => {
        this.logins++
        if (this.status === 0) return
        const failure = { name: 'Pkcs11Error', code: this.status }
        throw Object.assign(new Error('failed'), failure)
      },
    }
    return functions as Cryptoki
  }

  logIn(pin: string | null, spendsLastTry = false) {
    const token = findToken(this.cryptoki, 'tested', this.labels[0]!)
    return openOwnerSession(this.cryptoki, token, { pin, spendsLastTry })
  }

  async refusal(pin: string | null): Promise<CardPinError> {
    const error = await expectRejection(CardPinError, () => this.logIn(pin))
    expect(this.openSessions, 'sessions left open').to.equal(0)
    expect(error.message).to.contain('card tested')
    return error
  }
}

describe('a token of PKCS #11', () => {
  it('is told by its label alone, and its texts are trimmed', () => {
    const { slot, identity } = findToken(new FakeTokens('a', 'b').cryptoki, 'tested', 'b')
    expect(slot).to.deep.equal(Buffer.of(1))
    expect(identity).to.deep.include({ manufacturer: 'Maker', model: 'Model', version: '1.2' })
  })

  it('must be the only one of its label', () => {
    const { cryptoki } = new FakeTokens('same', 'same')
    const error = expectError(CardAbsentError, () => findToken(cryptoki, 'tested', 'same'))
    expect(error.message).to.contain('exactly one of label "same"')
    const none = expectError(CardAbsentError, () =>
      findToken(new FakeTokens().cryptoki, 'tested', 'x'),
    )
    expect(none.message).to.contain('no token')
  })

  it('that needs no login is not asked for one', async () => {
    const tokens = new FakeTokens('free')
    tokens.flags = 0
    await tokens.logIn(null)
    expect(tokens.logins).to.equal(0)
  })

  it('is asked once with a wrong PIN, however often the card is opened', async () => {
    const tokens = new FakeTokens('counted')
    tokens.serial = 'counted'
    tokens.status = CKR.PIN_INCORRECT
    tokens.flags |= CKF.USER_PIN_COUNT_LOW
    const first = await tokens.refusal('1111')
    expect(first.reason).to.equal('wrong')
    expect(first.remainingTries).to.equal(null)
    for (let round = 0; round < 5; round++) {
      expect((await tokens.refusal('1111')).reason).to.equal('wrong')
    }
    expect(tokens.logins).to.equal(1)
    await tokens.refusal('2222')
    expect(tokens.logins, 'another PIN is another matter').to.equal(2)
    tokens.serial = 'replaced'
    await tokens.refusal('1111')
    expect(tokens.logins, 'another token too').to.equal(3)
  })

  it('does not lose its last try unless that is allowed', async () => {
    const tokens = new FakeTokens('last')
    tokens.serial = 'last'
    tokens.flags |= CKF.USER_PIN_FINAL_TRY
    const error = await tokens.refusal('3333')
    expect(error.reason).to.equal('last-try')
    expect(error.remainingTries).to.equal(1)
    expect(tokens.logins).to.equal(0)
    await tokens.logIn('3333', true)
    expect(tokens.logins).to.equal(1)
  })

  it('tells that one try is left after a wrong PIN', async () => {
    const tokens = new FakeTokens('nearly')
    tokens.serial = 'nearly'
    const { cryptoki } = tokens
    tokens.status = CKR.PIN_INCORRECT
    const token = findToken(cryptoki, 'tested', 'nearly')
    const login = cryptoki.C_Login.bind(cryptoki)
    cryptoki.C_Login = (...parameters) => {
      tokens.flags |= CKF.USER_PIN_FINAL_TRY
      login(...parameters)
    }
    const error = await expectRejection(CardPinError, () =>
      openOwnerSession(cryptoki, token, { pin: '4444', spendsLastTry: false }),
    )
    expect(error.remainingTries).to.equal(1)
  })

  it('that is locked is not asked', async () => {
    const tokens = new FakeTokens('locked')
    tokens.flags |= CKF.USER_PIN_LOCKED
    const error = await tokens.refusal('5555')
    expect([error.reason, error.remainingTries]).to.deep.equal(['locked', 0])
    expect(tokens.logins).to.equal(0)
  })

  it('that locks with this try says so', async () => {
    const tokens = new FakeTokens('locking')
    tokens.status = CKR.PIN_LOCKED
    expect((await tokens.refusal('6666')).reason).to.equal('locked')
  })

  it('that is logged in already is in use by another card of this program', async () => {
    const tokens = new FakeTokens('shared')
    tokens.status = CKR.USER_ALREADY_LOGGED_IN
    await tokens.logIn('7777')
  })

  it('passes on what else goes wrong, with the number', async () => {
    const tokens = new FakeTokens('odd')
    tokens.status = 0x8000_0001
    const error = await expectRejection(CardFailureError, () => tokens.logIn('8888'))
    expect([error.operation, error.status]).to.deep.equal(['C_Login', 0x8000_0001])
    expect(error.message).to.contain('0x80000001')
  })
})
