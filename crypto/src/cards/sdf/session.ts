import type { SdfFunctionName } from './functions.ts'
import type { NativeArgument, SdfLibrary } from './library.ts'
import type { SdfProfile } from './profile.ts'
import { SDR, sdfError } from './status.ts'
import { NativeHandle } from './structures.ts'

/** A device that is open: whose functions, and how they are spoken to. */
export interface SdfDevice {
  /** The card's name, for messages. */
  readonly card: string
  readonly library: SdfLibrary
  readonly profile: SdfProfile
  readonly handle: bigint
}

/** Calls a function of a device. @throws CardError unless the device says that it succeeded */
export async function callDevice(
  device: Pick<SdfDevice, 'card' | 'library' | 'profile'>,
  operation: SdfFunctionName,
  ...args: NativeArgument[]
): Promise<void> {
  const status = await device.library.call(operation, ...args)
  if (status === SDR.ok) return
  throw sdfError({ card: device.card, profile: device.profile, operation, status })
}

/**
 * A session of a device. It holds the state of one operation at a time, and keys by handles that no other
 * session knows, so its calls run one after the other.
 */
export class SdfSession {
  readonly device: SdfDevice
  readonly #handle: bigint
  /** Private keys whose use was unlocked here. */
  readonly unlocked = new Set<number>()
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  private constructor(device: SdfDevice, handle: bigint) {
    this.device = device
    this.#handle = handle
  }

  /** @throws CardError */
  static async open(device: SdfDevice): Promise<SdfSession> {
    const handle = new NativeHandle()
    await callDevice(device, 'SDF_OpenSession', device.handle, handle.memory)
    return new SdfSession(device, handle.value)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Calls a function whose first parameter is the session. @throws CardError unless it succeeds */
  call(operation: SdfFunctionName, ...args: NativeArgument[]): Promise<void> {
    return callDevice(this.device, operation, this.#handle, ...args)
  }

  /** As {@link call}, for functions whose failures are answers. @returns the status */
  ask(operation: SdfFunctionName, ...args: NativeArgument[]): Promise<number> {
    return this.device.library.call(operation, this.#handle, ...args)
  }

  /** Runs several calls of which none other may come between. */
  exclusive<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(action)
    this.#last = result.catch(() => undefined)
    return result
  }

  /** The device forgets the session, its keys and what was unlocked. @throws CardError */
  async close(): Promise<void> {
    await this.exclusive(async () => {
      this.#isClosed = true
      for (const index of this.unlocked) await this.ask('SDF_ReleasePrivateKeyAccessRight', index)
      await this.call('SDF_CloseSession')
    })
  }
}
