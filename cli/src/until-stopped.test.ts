import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'

const WAITS = `
  import { untilStopped } from ${JSON.stringify(new URL('until-stopped.ts', import.meta.url).href)}
  const stop = new AbortController()
  process.on('SIGINT', () => stop.abort())
  process.send('ready', () => process.disconnect())
  await untilStopped(stop.signal)
  process.exitCode = 7
`

describe('waiting to be stopped', () => {
  it('keeps a process that has nothing else to do, until it is told to end', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', WAITS], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const ended = once(child, 'exit')
    await once(child, 'disconnect')
    child.kill('SIGINT')
    expect(await ended).to.deep.equal([7, null])
  })
})
