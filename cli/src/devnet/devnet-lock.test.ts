import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { lockDevnet } from './devnet-lock.ts'

describe('the lock of a development network', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orlop-lock-'))
    file = join(folder, 'devnet', 'lock')
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  it('is held by one process at a time, and can be taken again', () => {
    const release = lockDevnet(file)
    expect(() => lockDevnet(file))
      .to.throw(String(process.pid))
      .with.property('code', 'HOME_LOCKED')
    release()
    lockDevnet(file)()
  })

  it('of a process that has ended, or was half written, counts for nothing', () => {
    lockDevnet(file)()
    for (const left of ['{"name":"orlop","pid":1,"startTicks":999999999}', '{"na', '']) {
      writeFileSync(file, left)
      lockDevnet(file)()
    }
  })
})
