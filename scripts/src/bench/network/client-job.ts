import type { Deployment } from '@orlop/protocol/deployment'

/** Who the client process is, and where its network is. */
export interface ClientSetup {
  readonly home: string
  /** Of the keyring, 32 bytes, hexadecimal. */
  readonly seed: string
  readonly recoveryAddress: string
  readonly rpcUrl: string
  readonly deployment: Deployment
  /** TCP ports of nodes, and the ports through which this client reaches them instead. */
  readonly detours: Readonly<Record<string, number>>
}

/** What the client process is to do. */
export type ClientTask =
  | { readonly do: 'register' }
  | { readonly do: 'put'; readonly path: string }
  | { readonly do: 'get'; readonly objectId: string; readonly file: string }
  | {
      readonly do: 'put-small'
      readonly count: number
      readonly objectBytes: number
      readonly concurrency: number
    }
  | {
      readonly do: 'read-ranges'
      readonly objectId: string
      readonly objectBytes: number
      readonly rangeBytes: number
      readonly count: number
    }

/** The file that the client process reads. */
export interface ClientJob {
  readonly setup: ClientSetup
  readonly task: ClientTask
}

/** What the client process says when it is done. */
export interface ClientWork {
  /** Of the task alone, without the start of the process. */
  readonly seconds: number
  /** Peak memory of the whole process. */
  readonly memoryMiB: number
  readonly objectId: string
  readonly sealedBytes: number
  readonly sentBytes: number
  readonly copies: number
  /** Times the link broke while sending. */
  readonly retries: number
  /** From the call to the first byte, for each range that was read, milliseconds. */
  readonly firstByteMs: readonly number[]
}
