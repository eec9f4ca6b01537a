import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { deploymentSchema } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import { type ProcessRecord, processRecordSchema } from './process-record.ts'

const devnetStateSchema = z.strictObject({
  version: z.literal(1),
  startedMs: z.int(),
  /** True once every part is ready. */
  isReady: z.boolean(),
  rpcUrl: z.string().nullable(),
  deployment: deploymentSchema.nullable(),
  /** Where the explorer is served; files of earlier versions do not say. */
  explorerUrl: z.string().nullable().default(null),
  /** Everything this devnet started, so that exactly that is stopped. */
  processes: z.array(processRecordSchema),
})
export type DevnetState = z.infer<typeof devnetStateSchema>

/** The devnet's record of itself on disk: read by `status` and `down`, written at every step of `up`. */
export class DevnetStateFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** @returns null when no devnet was ever started in this home. @throws OrlopError `CONFIG_INVALID` when the file is damaged. */
  read(): DevnetState | null {
    if (!existsSync(this.#path)) return null
    try {
      return devnetStateSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8')))
    } catch (cause) {
      throw new OrlopError(
        'CONFIG_INVALID',
        `${this.#path} is damaged. End the processes it may have started, then delete it and start again.`,
        { cause },
      )
    }
  }

  write(state: DevnetState): void {
    mkdirSync(dirname(this.#path), { recursive: true })
    const temporary = `${this.#path}.new`
    writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`)
    renameSync(temporary, this.#path)
  }

  /** Adds a process as soon as it exists, so that `down` finds it whatever happens next. */
  addProcess(record: ProcessRecord): void {
    const state = this.read()
    if (state === null)
      throw new RangeError('devnet state: expected to be written before a process is added')
    this.write({ ...state, processes: [...state.processes, record] })
  }
}
