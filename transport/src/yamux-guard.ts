import { type Clock, systemClock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'

/** Version, type, flags, stream, length (yamux specification, "Framing"). */
const HEADER_BYTES = 12
const LENGTH_OFFSET = 8
const TYPE_OFFSET = 1
const TYPE_DATA = 0

export interface YamuxGuardOptions {
  /** Longest data frame the other side may send: the largest window it was granted. */
  maxDataBytes: number
  /** Frames of any type in one second; unlimited by default. */
  maxFramesPerSecond?: number
  clock?: Clock
}

/**
 * Follows the frames of a yamux connection and refuses what no honest peer sends. Needed because `@libp2p/yamux` gathers a data frame of
 * whatever declared length, up to 4 GiB, before it looks at the window: a stranger could fill the memory with one header.
 */
export class YamuxGuard {
  readonly #options: YamuxGuardOptions
  readonly #clock: Clock
  readonly #header = new Uint8Array(HEADER_BYTES)
  #headerBytes = 0
  #bodyBytesLeft = 0
  #second = 0
  #framesOfSecond = 0

  constructor(options: YamuxGuardOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /**
   * Looks at the next bytes received.
   *
   * @throws OrlopError `MESSAGE_TOO_LARGE` for a data frame above the window, `PEER_LIMIT` for too many frames.
   */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#bodyBytesLeft > 0) {
        const skipped = Math.min(this.#bodyBytesLeft, bytes.length - at)
        this.#bodyBytesLeft -= skipped
        at += skipped
        continue
      }
      const taken = bytes.subarray(at, at + HEADER_BYTES - this.#headerBytes)
      this.#header.set(taken, this.#headerBytes)
      this.#headerBytes += taken.length
      at += taken.length
      if (this.#headerBytes === HEADER_BYTES) this.#endHeader()
    }
  }

  #endHeader(): void {
    this.#headerBytes = 0
    this.#countFrame()
    if (this.#header[TYPE_OFFSET] !== TYPE_DATA) return
    const length = new DataView(this.#header.buffer).getUint32(LENGTH_OFFSET)
    const { maxDataBytes } = this.#options
    if (length > maxDataBytes) {
      throw new OrlopError(
        'MESSAGE_TOO_LARGE',
        `A peer announced ${length} bytes at once where it was granted at most ${maxDataBytes}. The connection is closed.`,
      )
    }
    this.#bodyBytesLeft = length
  }

  #countFrame(): void {
    const { maxFramesPerSecond } = this.#options
    if (maxFramesPerSecond === undefined) return
    const second = Math.floor(this.#clock.monotonicMs() / 1000)
    if (second !== this.#second) this.#framesOfSecond = 0
    this.#second = second
    this.#framesOfSecond += 1
    if (this.#framesOfSecond <= maxFramesPerSecond) return
    throw new OrlopError(
      'PEER_LIMIT',
      `A peer sent more than ${maxFramesPerSecond} frames in a second. The connection is closed.`,
    )
  }
}
