import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { measureProcess } from '../measure-process.ts'
import type { Peer, SealFiles } from './contender.ts'
import { hasProgram } from './has-program.ts'

/** rclone crypt: copy of one file to a crypt remote over a local folder (XSalsa20-Poly1305). */
export const rclone: Peer = {
  name: 'rclone',

  async find(folder, signal) {
    if (!(await hasProgram('rclone', ['version'], signal))) return null
    const config = join(folder, 'rclone.conf')
    await writeFile(config, '')
    const obscure = { file: 'rclone', args: ['--config', config, 'obscure', 'only for measuring'] }
    const password = (await measureProcess(obscure, signal)).output.trim()
    const plan = ({ sealedFolder }: SealFiles, from: string, to: string) => ({
      file: 'rclone',
      args: ['--config', config, 'copy', from, to],
      environment: {
        RCLONE_CONFIG_SEALED_TYPE: 'crypt',
        RCLONE_CONFIG_SEALED_REMOTE: sealedFolder,
        RCLONE_CONFIG_SEALED_PASSWORD: password,
      },
    })
    return {
      name: 'rclone crypt',
      seal: (files) => plan(files, files.plain, 'sealed:'),
      open: (files) => plan(files, 'sealed:', files.openedFolder),
    }
  },
}
