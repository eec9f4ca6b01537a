import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import type { KmcHome } from './kmc-home.ts'
import { writeDurably } from './write-durably.ts'

const schema = z.strictObject({ url: z.url(), port: z.int() })

/** Where a centre serves. */
export type Endpoint = z.infer<typeof schema>

/** Keeps where the centre of a home serves, for commands on this machine and for its next start. */
export async function writeEndpoint(home: KmcHome, endpoint: Endpoint): Promise<void> {
  await writeDurably(home.endpoint, `${JSON.stringify(endpoint)}\n`)
}

/** Where the centre of a home served last, or null. */
export async function readEndpoint(home: KmcHome): Promise<Endpoint | null> {
  const text = await readFile(home.endpoint, 'utf8').catch(() => null)
  return text === null ? null : schema.parse(JSON.parse(text))
}
