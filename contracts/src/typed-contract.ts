import type {
  Abi,
  AbiEvent,
  AbiFunction,
  AbiParameter,
  AbiParameterToPrimitiveType,
  AbiParametersToPrimitiveTypes,
  ExtractAbiEvent,
  ExtractAbiEventNames,
  ExtractAbiFunction,
  ExtractAbiFunctionNames,
} from 'abitype'
import { type EventFragment, Interface, type InterfaceAbi } from 'ethers'
import type { RpcLog } from './rpc/rpc-shapes.ts'

declare module 'abitype' {
  // How ethers takes and gives Solidity values.
  interface Register {
    addressType: string
    bigIntType: bigint | number
    intType: bigint | number
    bytesType: { inputs: string | Uint8Array; outputs: string }
  }
}

type FunctionName<A extends Abi> = ExtractAbiFunctionNames<A>
type FunctionOf<A extends Abi, N extends FunctionName<A>> = ExtractAbiFunction<A, N>
export type ArgumentsOf<A extends Abi, N extends FunctionName<A>> = AbiParametersToPrimitiveTypes<
  FunctionOf<A, N>['inputs'],
  'inputs'
>
type Outputs<F extends AbiFunction> = AbiParametersToPrimitiveTypes<F['outputs'], 'outputs'>
export type ResultOf<A extends Abi, N extends FunctionName<A>> =
  Outputs<FunctionOf<A, N>> extends readonly [infer Single] ? Single : Outputs<FunctionOf<A, N>>

type EventFields<E extends AbiEvent> = {
  [
    P in E['inputs'][number] as P extends { name: infer N extends string } ? N : never
  ]: P extends AbiParameter ? AbiParameterToPrimitiveType<P, 'outputs'> : never
}
/** An event of a contract: its name, its arguments by name, and the log it came in. */
export type EventOf<A extends Abi, N extends ExtractAbiEventNames<A> = ExtractAbiEventNames<A>> = {
  [K in N]: { name: K; args: EventFields<ExtractAbiEvent<A, K>>; log: RpcLog }
}[N]

/** Calls and events of one contract as bytes, typed by its ABI. It knows no network. */
export class TypedContract<const A extends Abi> {
  readonly address: string
  readonly #interface: Interface
  /** By their first topic, which ethers would hash anew for every event of the ABI at every log. */
  readonly #events = new Map<string, EventFragment>()

  constructor(abi: A, address: string) {
    this.#interface = new Interface(abi as InterfaceAbi)
    this.#interface.forEachEvent((event) => this.#events.set(event.topicHash, event))
    this.address = address
  }

  /** The data of a call. @throws TypeError or RangeError (ethers) when an argument does not fit its type. */
  encodeCall<N extends FunctionName<A>>(name: N, args: ArgumentsOf<A, N>): string {
    return this.#interface.encodeFunctionData(name, args as readonly unknown[])
  }

  /** What a call returned. @throws Error (ethers `BAD_DATA`) when the bytes are no such result. */
  decodeResult<N extends FunctionName<A>>(name: N, data: string): ResultOf<A, N> {
    const result = this.#interface.decodeFunctionResult(name, data)
    return (result.length === 1 ? result[0] : result) as ResultOf<A, N>
  }

  /** The first topic of an event's logs. */
  topicOf(name: ExtractAbiEventNames<A>): string {
    const event = this.#interface.getEvent(name)
    if (event === null) throw new TypeError(`event: expected one of the contract, got ${name}`)
    return event.topicHash
  }

  /** The event in a log; null when the log is another contract's or of an unknown event. */
  decodeLog(log: RpcLog): EventOf<A> | null {
    if (log.address.toLowerCase() !== this.address.toLowerCase()) return null
    const event = this.#events.get(log.topics[0] ?? '')
    if (event === undefined) return null
    const args = this.#interface.decodeEventLog(event, log.data, log.topics)
    return { name: event.name, args, log } as unknown as EventOf<A>
  }
}
