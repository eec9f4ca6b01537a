import * as z from 'zod'

/** What a web worker says first: whose script it runs, and where from. */
export const workerGreeting = z.object({ software: z.string(), origin: z.string() })

export type WorkerGreeting = z.infer<typeof workerGreeting>
