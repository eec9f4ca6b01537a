import type { Deployment } from '@orlop/protocol/deployment'
import { isOrlopError, OrlopError, RemoteError } from '@orlop/protocol/errors'
import type { LedgerCallOptions, LedgerFilter, LedgerReader } from '@orlop/protocol/ledger'
import type {
  ClientRecord,
  CreditEvent,
  LedgerHead,
  NodeRecord,
  ObjectEvent,
  Receipt,
} from '@orlop/protocol/ledger-records'
import {
  relayClient,
  relayCreditEvents,
  relayFormerSigners,
  relayHead,
  relayNodes,
  relayObjectEvents,
  type RelayRequest,
  relayReceipts,
} from '@orlop/protocol/wire/relay'
import { encodeFrame, decodeFrame } from '@orlop/protocol/wire/frame'
import type { Peer } from '@orlop/transport/transport'
import type * as z from 'zod'
import { endedEarly } from '../network/node-network.ts'

/** A page, and whether another follows in the same stream. */
interface Page<T> {
  records: T[]
  more: boolean
}

/** Gives connections to try, the likeliest first; connecting happens as they are asked for. */
export type RelayPeers = (options: LedgerCallOptions) => AsyncIterable<Peer>

/**
 * Reads the ledger through connected nodes: a ship then needs no connection but the one to a node. A relay can show an old view or
 * leave things out; what is signed it cannot forge, and every node's promise is checked against its signature.
 */
export class RelayLedgerReader implements LedgerReader {
  readonly deployment: Deployment
  readonly #peers: RelayPeers

  constructor(deployment: Deployment, peers: RelayPeers) {
    this.deployment = deployment
    this.#peers = peers
  }

  async head(options: LedgerCallOptions = {}): Promise<LedgerHead> {
    return (await this.#askOne({ head: true }, relayHead, options)).head
  }

  async nodes(options: LedgerCallOptions = {}): Promise<NodeRecord[]> {
    const records: NodeRecord[] = []
    for await (const record of this.#askPages({ nodes: true }, relayNodes, options)) {
      records.push(record)
    }
    return records
  }

  async node(nodeId: number, options: LedgerCallOptions = {}): Promise<NodeRecord | null> {
    const nodes = await this.nodes(options)
    return nodes.find((node) => node.nodeId === nodeId) ?? null
  }

  async client(clientId: number, options: LedgerCallOptions = {}): Promise<ClientRecord | null> {
    return (await this.#askOne({ client: clientId }, relayClient, options)).client
  }

  async clientBySigner(
    signer: string,
    options: LedgerCallOptions = {},
  ): Promise<ClientRecord | null> {
    return (await this.#askOne({ client: signer }, relayClient, options)).client
  }

  async formerSigners(clientId: number, options: LedgerCallOptions = {}): Promise<string[]> {
    const request = { formerSigners: clientId }
    return (await this.#askOne(request, relayFormerSigners, options)).formerSigners
  }

  receipts(filter: LedgerFilter, options: LedgerCallOptions = {}): AsyncIterable<Receipt> {
    return this.#askPages({ receipts: filter }, relayReceipts, options)
  }

  objectEvents(filter: LedgerFilter, options: LedgerCallOptions = {}): AsyncIterable<ObjectEvent> {
    return this.#askPages({ objectEvents: filter }, relayObjectEvents, options)
  }

  creditEvents(filter: LedgerFilter, options: LedgerCallOptions = {}): AsyncIterable<CreditEvent> {
    return this.#askPages({ creditEvents: filter }, relayCreditEvents, options)
  }

  async #askOne<T>(
    request: RelayRequest,
    schema: z.ZodType<T>,
    options: LedgerCallOptions,
  ): Promise<T> {
    const failures: unknown[] = []
    for await (const peer of this.#peers(options)) {
      try {
        for await (const answer of relayFrames(peer, request, schema, options)) return answer
      } catch (error) {
        failures.push(passOver(error, options))
      }
    }
    throw unreachable(failures)
  }

  /** Pages from one node; when it breaks off, the next begins anew and what was given already is left out. */
  async *#askPages<T>(
    request: RelayRequest,
    schema: z.ZodType<Page<T>>,
    options: LedgerCallOptions,
  ): AsyncGenerator<T> {
    const failures: unknown[] = []
    let given = 0
    for await (const peer of this.#peers(options)) {
      try {
        let seen = 0
        for await (const page of relayFrames(peer, request, schema, options)) {
          for (const record of page.records) {
            seen += 1
            if (seen <= given) continue
            given = seen
            yield record
          }
          if (!page.more) return
        }
      } catch (error) {
        failures.push(passOver(error, options))
      }
    }
    throw unreachable(failures)
  }
}

async function* relayFrames<T>(
  peer: Peer,
  request: RelayRequest,
  schema: z.ZodType<T>,
  options: LedgerCallOptions,
): AsyncGenerator<T> {
  const channel = await peer.open('relay', options)
  try {
    await channel.send(encodeFrame(request), options)
    for (;;) {
      const frame = await channel.receive(options)
      if (frame === null) throw endedEarly(peer.identity.id, 'relay')
      yield decodeFrame(schema, frame, peer.identity.id)
    }
  } catch (error) {
    channel.abort(error instanceof Error ? error : new Error('stopped'))
    throw error
  } finally {
    await channel.close()
  }
}

/** A relay's failure leads to the next relay; the caller's own stop, and a ledger that is another one, do not. */
function passOver(error: unknown, options: LedgerCallOptions): unknown {
  if (options.signal?.aborted === true) throw error
  if (isOrlopError(error, 'LEDGER_MISMATCH')) throw error
  if (!isOrlopError(error)) throw error
  return error
}

function unreachable(failures: readonly unknown[]): OrlopError {
  const remote = failures.find((failure) => failure instanceof RemoteError)
  return new OrlopError(
    'LEDGER_UNREACHABLE',
    failures.length === 0
      ? 'The ledger cannot be read: no node is reachable to relay it. Check the link, or give an RPC address.'
      : `The ledger cannot be read through ${failures.length} reachable nodes. Try again later, or give an RPC address.`,
    { cause: remote ?? failures.at(-1) },
  )
}
