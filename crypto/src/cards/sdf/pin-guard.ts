import { encodeUtf8, wipe } from '../../bytes.ts'
import { CardPinError } from '../card-errors.ts'
import { rememberWrongPin, wasWrongPin } from '../wrong-pins.ts'
import type { SdfSession } from './session.ts'

/** The PIN of each internal private key that has one, by the key's index. */
export type SdfPins = Readonly<Record<number, string>>

/**
 * Unlocks private keys in sessions. A device counts wrong PINs and locks: so the first try of a PIN is alone,
 * however many calls want the key, and a refused one is never tried again.
 */
export class PinGuard {
  /** Names the device itself, whatever the card is called. */
  readonly #token: string
  readonly #pins: SdfPins
  readonly #first = new Map<number, Promise<void>>()

  constructor(token: string, pins: SdfPins) {
    this.#token = token
    this.#pins = pins
  }

  /**
   * Makes a private key usable in a session. Keys without a PIN are left as they are: some devices ask for none.
   *
   * @throws CardPinError when the PIN is refused, or was before
   */
  async unlock(session: SdfSession, index: number): Promise<void> {
    const pin = this.#pins[index]
    if (pin === undefined || session.unlocked.has(index)) return
    const first = this.#first.get(index)
    if (first === undefined) await this.#tryFirst(session, index, pin)
    else {
      await first
      await this.#present(session, index, pin)
    }
  }

  #tryFirst(session: SdfSession, index: number, pin: string): Promise<void> {
    const attempt = this.#present(session, index, pin)
    this.#first.set(index, attempt)
    attempt.catch((error: unknown) => {
      // A device that went away has not judged the PIN.
      if (!(error instanceof CardPinError)) this.#first.delete(index)
    })
    return attempt
  }

  async #present(session: SdfSession, index: number, pin: string): Promise<void> {
    const token = `${this.#token} key ${String(index)}`
    if (wasWrongPin(token, pin)) throw refusedBefore(session, index)
    const password = encodeUtf8(pin)
    try {
      await session.call('SDF_GetPrivateKeyAccessRight', index, password, password.length)
      session.unlocked.add(index)
    } catch (error) {
      if (error instanceof CardPinError && error.reason === 'wrong') rememberWrongPin(token, pin)
      throw error
    } finally {
      wipe(password)
    }
  }
}

function refusedBefore(session: SdfSession, index: number): CardPinError {
  return new CardPinError(
    session.device.card,
    { reason: 'wrong', remainingTries: null },
    `it has called this PIN of key ${String(index)} wrong before, and is not asked again; ` +
      'give the right PIN and start the program again',
  )
}
