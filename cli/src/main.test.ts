import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

describe('orlop, as a process', () => {
  it('ends without a word when nobody reads its output, as in orlop ls | head', async () => {
    const child = spawn(process.execPath, ['--conditions=source', MAIN, '--help'])
    child.stdout.destroy()
    let told = ''
    child.stderr.on('data', (text: Buffer) => (told += text.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    expect(told).to.equal('')
    expect(code).to.equal(1)
  })

  it('ends with 2 when it is asked for help with a command that there is not', async () => {
    const child = spawn(process.execPath, ['--conditions=source', MAIN, 'bogus', '--help'])
    let told = ''
    child.stderr.on('data', (text: Buffer) => (told += text.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    expect(told).to.match(/there is no command 'bogus'/)
    expect(code).to.equal(2)
  })
})
