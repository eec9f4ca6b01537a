// One task of one client, in a process of its own, so that its memory can be measured: `main.ts JOB.json`.
import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { decodeHex, randomBytes } from '@orlop/crypto/bytes'
import type { ObjectReader } from '@orlop/client-sdk/actions/open'
import type { OrlopClient } from '@orlop/client-sdk/client'
import { createClient } from '@orlop/client-sdk/create-client'
import { MemoryKeyring } from '@orlop/client-sdk/keyring/memory-keyring'
import type { StoreResult } from '@orlop/client-sdk/upload/store-result'
import type { ClientJob, ClientTask, ClientWork } from '../client-job.ts'
import { DetourLedgerReader } from '../detour-ledger-reader.ts'

const ADMISSION_POLL_MS = 200

type Outcome = Partial<Omit<ClientWork, 'seconds' | 'memoryMiB'>>

async function perform(client: OrlopClient, task: ClientTask): Promise<Outcome> {
  switch (task.do) {
    case 'register':
      return register(client)
    case 'put':
      return put(client, task.path)
    case 'get':
      await client.retrieveToFile({ ...task, overwrite: true })
      return {}
    case 'put-small':
      return putSmall(client, task)
    case 'read-ranges':
      return readRanges(client, task)
  }
}

/** Registers, and waits until the steward has seen it. */
async function register(client: OrlopClient): Promise<Outcome> {
  for (;;) {
    const { state } = await client.register({ name: 'bench' })
    if (state === 'admitted') return {}
    await setTimeout(ADMISSION_POLL_MS)
  }
}

async function put(client: OrlopClient, path: string): Promise<Outcome> {
  let retries = 0
  const result = await client.store(
    { source: { path } },
    { onProgress: ({ type }) => (retries += type === 'retrying' ? 1 : 0) },
  )
  return { ...factsOf([result]), objectId: result.objectId, retries }
}

function factsOf(results: readonly StoreResult[]): Outcome {
  const sum = (of: (result: StoreResult) => number) =>
    results.reduce((total, result) => total + of(result), 0)
  return {
    sealedBytes: sum((result) => result.sealedBytes),
    sentBytes: sum((result) => result.wireBytes.sentBytes),
    copies: results[0]?.strips.length ?? 0,
  }
}

async function putSmall(
  client: OrlopClient,
  { count, objectBytes, concurrency }: Extract<ClientTask, { do: 'put-small' }>,
): Promise<Outcome> {
  const results: StoreResult[] = []
  let next = 0
  const work = async () => {
    while (next < count) {
      const name = `small-${next++}.bin`
      results.push(await client.store({ source: { bytes: randomBytes(objectBytes) }, name }))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return factsOf(results)
}

async function readRanges(
  client: OrlopClient,
  task: Extract<ClientTask, { do: 'read-ranges' }>,
): Promise<Outcome> {
  const { objectId, objectBytes, rangeBytes, count } = task
  const firstByteMs: number[] = []
  let reader: ObjectReader | null = null
  for (let number = 0; number < count; number++) {
    // Spread over the object, in no chunk twice.
    const start = Math.floor((objectBytes - rangeBytes) * ((number * 0.618034) % 1))
    const startedMs = performance.now()
    reader ??= await client.open({ objectId })
    const { stream } = reader.read({ start, end: start + rangeBytes })
    let isFirst = true
    for await (const piece of stream) {
      if (isFirst && piece.length > 0) firstByteMs.push(performance.now() - startedMs)
      isFirst = false
    }
  }
  reader?.close()
  return { firstByteMs }
}

const { setup, task } = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as ClientJob
const { home, deployment } = setup
const ledger = new DetourLedgerReader(setup)
const client = await createClient({
  home,
  deployment,
  keyring: new MemoryKeyring([decodeHex(setup.seed)], setup.recoveryAddress),
  ledger,
  bootstrap: task.do === 'register' ? await ledger.nodes() : [],
})
const startedMs = performance.now()
const outcome = await perform(client, task)
const seconds = (performance.now() - startedMs) / 1000
await client.close()
const work: ClientWork = {
  objectId: '',
  sealedBytes: 0,
  sentBytes: 0,
  copies: 0,
  retries: 0,
  firstByteMs: [],
  ...outcome,
  seconds,
  memoryMiB: process.resourceUsage().maxRSS / 1024,
}
process.stdout.write(JSON.stringify(work))
