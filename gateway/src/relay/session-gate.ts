import { isIPv6 } from 'node:net'
import type { Clock } from '@orlop/protocol/clock'
import type { RelayLimits } from './relay-limits.ts'

const MINUTE_MS = 60_000
const GROUPS_OF_NETWORK = 4

interface Visitor {
  sessions: number
  opened: number
  minute: number
}

/** Says who may open one more session. Remembers an address for no longer than it has sessions, or a minute. */
export class SessionGate {
  readonly #limits: RelayLimits
  readonly #clock: Clock
  readonly #visitors = new Map<string, Visitor>()
  #sessions = 0
  #sweptMinute = 0

  constructor(limits: RelayLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  get sessions(): number {
    return this.#sessions
  }

  /**
   * Counts one more session of that address.
   *
   * @returns what to call once when it ended; or the HTTP status of a refusal: 429 when the address has too many, 503 when all have.
   */
  enter(address: string): (() => void) | 429 | 503 {
    const minute = Math.floor(this.#clock.monotonicMs() / MINUTE_MS)
    this.#sweep(minute)
    if (this.#sessions >= this.#limits.maxSessions) return 503
    const network = networkOf(address)
    const visitor = this.#visitors.get(network) ?? { sessions: 0, opened: 0, minute }
    if (visitor.minute !== minute) Object.assign(visitor, { opened: 0, minute })
    this.#visitors.set(network, visitor)
    const { maxSessionsPerAddress, maxNewSessionsPerMinute } = this.#limits
    if (visitor.sessions >= maxSessionsPerAddress) return 429
    if (visitor.opened >= maxNewSessionsPerMinute) return 429
    visitor.opened += 1
    visitor.sessions += 1
    this.#sessions += 1
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      visitor.sessions -= 1
      this.#sessions -= 1
    }
  }

  #sweep(minute: number): void {
    if (minute === this.#sweptMinute) return
    this.#sweptMinute = minute
    for (const [network, visitor] of this.#visitors) {
      if (visitor.sessions === 0 && visitor.minute !== minute) this.#visitors.delete(network)
    }
  }
}

/** One visitor's addresses count as one: an IPv6 customer has at least a /64 network (RFC 6177), and IPv4 may come mapped. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  return [...before, ...zeros, ...after].slice(0, GROUPS_OF_NETWORK).join(':')
}
