import { randomBytes } from '@orlop/crypto/bytes'
import { type AttachedRelay } from '@orlop/gateway/relay/attach-relay'
import { startTestRelay, type TestRelay } from '@orlop/gateway/relay/test-relay'
import { createMemoryDialer } from '@orlop/transport/memory-dialer'
import type { RawDialer } from '@orlop/transport/raw-connection'
import { createRelayTransport } from '@orlop/transport/relay/create-relay-transport'
import type { SdkClient, SdkClientOptions, SdkFleet } from './sdk-fleet.ts'

/** A gateway between SDK clients and the nodes of a fleet: a real WebSocket on one side, the fleet's memory network on the other. */
export class RelayedFleet {
  readonly #gateway: TestRelay
  readonly #fleet: SdkFleet

  private constructor(gateway: TestRelay, fleet: SdkFleet) {
    this.#gateway = gateway
    this.#fleet = fleet
  }

  /** @param wrap - what the gateway does to its connections; nothing when it is honest. */
  static async start(
    fleet: SdkFleet,
    wrap: (dialer: RawDialer) => RawDialer = (dialer) => dialer,
  ): Promise<RelayedFleet> {
    const gateway = await startTestRelay({
      readNodes: () => fleet.fleet.admin.nodes(),
      createDialer: async () => {
        const dialer = await createMemoryDialer(fleet.network, randomBytes(32))
        await dialer.start()
        return wrap(dialer)
      },
    })
    return new RelayedFleet(gateway, fleet)
  }

  get relay(): AttachedRelay {
    return this.#gateway.relay
  }

  /** A client that is registered and admitted, and reaches nodes through the gateway only. */
  client(options: SdkClientOptions = {}): Promise<SdkClient> {
    const { url } = this.#gateway
    const software = 'orlop-test/0'
    return this.#fleet.client({
      ...options,
      transport: (identity) =>
        Promise.resolve(createRelayTransport({ ...identity, url, software })),
    })
  }

  stop(): Promise<void> {
    return this.#gateway.stop()
  }
}
