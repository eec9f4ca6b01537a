// One sealing or opening, file to file, in a process of its own: `main.ts JOB.json`.
import { readFile } from 'node:fs/promises'
import { sharedCrews } from '@orlop/client-sdk/pipeline/shared-crews'
import type { SealJob, SealWork } from '../job.ts'

// The threads start while the rest is read.
sharedCrews().threads.warm()
const { performJob } = await import('../perform-job.ts')
const job = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as SealJob
const startedMs = performance.now()
const started = process.cpuUsage()
await performJob(job)
const { user, system } = process.cpuUsage(started)
const work: SealWork = {
  wallSeconds: (performance.now() - startedMs) / 1000,
  cpuSeconds: (user + system) / 1e6,
  memoryMiB: process.resourceUsage().maxRSS / 1024,
}
process.stdout.write(JSON.stringify(work))
