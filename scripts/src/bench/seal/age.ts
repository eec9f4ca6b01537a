import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { measureProcess } from '../measure-process.ts'
import type { Peer } from './contender.ts'
import { hasProgram } from './has-program.ts'

const SEALED = 'sealed.age'

/** age, file to file, with a key pair: X25519, ChaCha20-Poly1305. */
export const age: Peer = {
  name: 'age',

  async find(folder, signal) {
    if (!(await hasProgram('age', ['--version'], signal))) return null
    const keyFile = join(folder, 'age.key')
    await measureProcess({ file: 'age-keygen', args: ['-o', keyFile] }, signal)
    const recipient = /public key: (\S+)/.exec(await readFile(keyFile, 'utf8'))?.[1]
    if (recipient === undefined) throw new Error('age-keygen wrote no public key')
    return {
      name: 'age',
      seal({ plain, sealedFolder }) {
        return { file: 'age', args: ['-r', recipient, '-o', join(sealedFolder, SEALED), plain] }
      },
      open({ plain, sealedFolder, openedFolder }) {
        const opened = join(openedFolder, basename(plain))
        const args = ['-d', '-i', keyFile, '-o', opened, join(sealedFolder, SEALED)]
        return { file: 'age', args }
      },
    }
  },
}
