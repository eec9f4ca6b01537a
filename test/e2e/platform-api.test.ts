import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { Cli } from '../testkit/cli.ts'

const run = promisify(execFile)
const MAIN = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))
const GUIDE = fileURLToPath(new URL('../../docs/platform-api.md', import.meta.url))
const MARK = '--- next block ---'

const hasCommands = await Promise.all(
  ['curl', 'openssl'].map((command) => run(command, ['version']).then(() => true, isOther)),
).then((all) => all.every(Boolean))
/** `curl version` fails otherwise than a missing curl. */
function isOther(error: unknown): boolean {
  return !(error instanceof Error && 'code' in error && error.code === 'ENOENT')
}

const title = hasCommands
  ? 'e2e: the platform’s API'
  : 'e2e: the platform’s API (needs: apt-get install curl openssl)'
// On the machine that decides, nothing is skipped.
const suite = hasCommands || process.env['CI'] !== undefined ? describe : describe.skip

suite(title, () => {
  let home: string

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'orlop-guide-'))
    // What an installation puts into the path.
    const command = `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`
    await writeFile(join(home, 'orlop'), command)
    await chmod(join(home, 'orlop'), 0o700)
  })
  after(async () => {
    await new Cli(join(home, '.orlop')).run('kmc', 'down')
    await rm(home, { recursive: true, force: true })
  })

  it('works from a shell as its guide prints it', async () => {
    const blocks = [...(await readFile(GUIDE, 'utf8')).matchAll(/^```bash\n(.*?)^```$/gms)]
    const script = blocks.map(([, lines = '']) => lines).join(`echo; echo '${MARK}'\n`)
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: home,
      env: {
        ...process.env,
        HOME: home,
        ORLOP_HOME: join(home, '.orlop'),
        PATH: `${home}:${process.env['PATH'] ?? ''}`,
      },
    }).catch((error: unknown) => {
      const { stdout: said = '', stderr = '' } = error as { stdout?: string; stderr?: string }
      throw new Error(`the guide's lines failed: ${said}${stderr}`, { cause: error })
    })
    const [, decrypted, signed, stamped] = stdout.split(MARK).map((said) => said.trim())
    expect(decrypted).to.equal('noon report')
    expect(signed).to.equal('Verified OK')
    expect(stamped).to.contain('{"digest":"').and.contain('Verification: OK')
  })
})
