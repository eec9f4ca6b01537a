import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const COMMAND = 'openssl'

/** Whether the machine has the command `openssl` (Debian: `apt-get install openssl`). */
export function hasOpenSsl(): boolean {
  return spawnSync(COMMAND, ['version']).status === 0
}

/** The command `openssl` with a folder of its own for its files. */
export class OpenSsl {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async open(): Promise<OpenSsl> {
    return new OpenSsl(await mkdtemp(join(tmpdir(), 'orlop-openssl-')))
  }

  /** Runs the command; files are named within the folder. @returns what it said. @throws Error with its words when it refuses */
  async run(...args: string[]): Promise<string> {
    const { stdout, stderr } = await execute(COMMAND, args, { cwd: this.folder })
    return stdout + stderr
  }

  /** What the command says while it refuses; null when it does not. */
  async refusal(...args: string[]): Promise<string | null> {
    try {
      await this.run(...args)
      return null
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
      return stdout + stderr
    }
  }

  async write(name: string, bytes: Uint8Array | string): Promise<string> {
    await writeFile(join(this.folder, name), bytes)
    return name
  }

  async read(name: string): Promise<Buffer> {
    return readFile(join(this.folder, name))
  }

  /** A request of a new key, which stays in the folder as `NAME.key`. */
  async request(name: string, subject: string, ...keyOptions: string[]): Promise<string> {
    const key = keyOptions.length > 0 ? keyOptions : P256
    const files = ['-keyout', `${name}.key`, '-out', `${name}.req`]
    await this.run('req', '-new', '-newkey', ...key, '-nodes', '-subj', subject, ...files)
    return (await this.read(`${name}.req`)).toString()
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true })
  }
}

const P256 = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
