import { writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { measureProcess } from '../measure-process.ts'
import type { Peer, SealFiles } from './contender.ts'
import { hasProgram } from './has-program.ts'

/** restic: backup of one file into a fresh local repository, which splits, compresses, encrypts (AES-256-CTR, Poly1305) and syncs. */
export const restic: Peer = {
  name: 'restic',

  async find(folder, signal) {
    if (!(await hasProgram('restic', ['version'], signal))) return null
    const passwordFile = join(folder, 'restic.password')
    await writeFile(passwordFile, 'only for measuring\n')
    const plan = ({ sealedFolder }: SealFiles, ...args: string[]) => {
      const where = ['--repo', join(sealedFolder, 'repository'), '--no-cache']
      return { file: 'restic', args: ['--quiet', ...where, '-p', passwordFile, ...args] }
    }
    return {
      name: 'restic backup',
      async prepare(files) {
        await measureProcess(plan(files, 'init'), signal)
      },
      seal(files) {
        const { plain } = files
        return { ...plan(files, 'backup', basename(plain)), folder: dirname(plain) }
      },
      open(files) {
        return plan(files, 'restore', 'latest', '--target', files.openedFolder)
      },
    }
  },
}
