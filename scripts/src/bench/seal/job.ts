import type { SuiteName } from '@orlop/crypto/format/header'

/** What the child process is to do; read from a file. */
export interface SealJob {
  readonly action: 'seal' | 'open'
  readonly inputPath: string
  readonly outputPath: string
  readonly level: 1 | 2
  readonly suite: SuiteName
  /** X25519, hexadecimal. */
  readonly openingSecretKey: string
}

/** What the child process says of the work alone, without its own start. */
export interface SealWork {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  /** Peak memory of the whole process. */
  readonly memoryMiB: number
}
