import type * as z from 'zod'
import type { CertificateRole } from '../certificates/certificate-roles.ts'
import type { Peer } from '../certificates/peer.ts'

/** One address of the centre's API. Everything is JSON over mutually authenticated TLS. */
export interface Route {
  readonly method: 'get' | 'post' | 'put'
  /** With `{name}` for each of `params`. */
  readonly path: string
  readonly summary: string
  /** Whose certificates may ask. */
  readonly roles: readonly CertificateRole[]
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  /** What must be sent along; null for nothing. */
  readonly body: z.ZodObject | null
  /** Most bytes of the body; 64 KiB unless given. */
  readonly maxBodyBytes?: number
  readonly answer: z.ZodObject
}

/** Routes by the name of what they do. */
export type Routes = Readonly<Record<string, Route>>

/** What a handler is given: who asks, and what, as the route's schemas read it. */
export interface Call<R extends Route> {
  readonly peer: Peer
  readonly params: z.output<R['params']>
  readonly query: z.output<R['query']>
  readonly body: R['body'] extends z.ZodObject ? z.output<R['body']> : null
}

export type Answer<R extends Route> = z.output<R['answer']>

/** What answers each route. Refusals are thrown as `KmcError`. */
export type Handlers<T extends Routes> = {
  readonly [N in keyof T]: (call: Call<T[N]>) => Promise<Answer<T[N]>>
}

/** Keeps a route's own types. */
export const route = <const R extends Route>(of: R): R => of
