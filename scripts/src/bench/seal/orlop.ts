import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encodeHex } from '@orlop/crypto/bytes'
import type { SuiteName } from '@orlop/crypto/format/header'
import { generateX25519SecretKey } from '@orlop/crypto/x25519'
import type { ProcessPlan } from '../measure-process.ts'
import type { Contender, SealFiles } from './contender.ts'
import type { SealJob } from './job.ts'

const CHILD = fileURLToPath(new URL('child/main.ts', import.meta.url))
const SUITE_NAMES = ['aes-256-gcm', 'xchacha20-poly1305', 'sm4-ctr-hmac-sm3', 'sm4-gcm'] as const
const SEALED = 'sealed.orlop'

/** How Orlop seals. */
export interface OrlopWay {
  readonly level: 1 | 2
  readonly suite: SuiteName
}

/** Every level with every suite, the default first. */
export const ORLOP_WAYS: readonly OrlopWay[] = ([2, 1] as const).flatMap((level) =>
  SUITE_NAMES.map((suite) => ({ level, suite })),
)

/** Orlop, file to file, as a process of its own that starts from source. */
export function orlopContender({ level, suite }: OrlopWay, folder: string): Contender {
  const name = `level ${level} ${suite}`
  const openingSecretKey = encodeHex(generateX25519SecretKey())
  const jobFile = (action: string) => join(folder, `${level}-${suite}-${action}.json`)
  const plan = (action: SealJob['action']): ProcessPlan => ({
    file: process.execPath,
    args: [...process.execArgv, CHILD, jobFile(action)],
  })
  const write = (job: SealJob) => writeFile(jobFile(job.action), JSON.stringify(job))
  return {
    name,
    async prepare({ plain, sealedFolder, openedFolder }: SealFiles) {
      const sealed = join(sealedFolder, SEALED)
      const opened = join(openedFolder, basename(plain))
      const way = { level, suite, openingSecretKey }
      await write({ action: 'seal', inputPath: plain, outputPath: sealed, ...way })
      await write({ action: 'open', inputPath: sealed, outputPath: opened, ...way })
    },
    seal: () => plan('seal'),
    open: () => plan('open'),
  }
}
