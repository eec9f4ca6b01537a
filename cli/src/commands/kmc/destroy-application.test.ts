import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { expect } from 'chai'
import { CENTRE_ROUTES } from '@orlop/kmc/api/centre-routes'
import type { CentreClient } from '@orlop/kmc/client/centre-client'
import { KmcError } from '@orlop/kmc/kmc-error'
import { ServedCentre } from '@orlop/kmc/testkit/served-centre'
import { policyFor } from '@orlop/kmc/testkit/test-centre'
import type { CliContext } from '../../context.ts'
import { destroyAll } from './destroy-application.ts'

const KEYS = ['active', 'destroyed', 'generated', 'revoked'] as const

describe('orlop kmc destroy of an application', () => {
  let served: ServedCentre
  let client: CentreClient
  let written: string

  beforeEach(async () => {
    served = await ServedCentre.start()
    client = await served.administrator()
    const body = { appId: 'voyage', policy: policyFor([]) }
    await client.ask(CENTRE_ROUTES.createApplication, { body })
    for (const keyId of KEYS) await makeKey(keyId)
    await client.ask(CENTRE_ROUTES.createBackup, {})
  })
  afterEach(() => served.stop())

  async function makeKey(keyId: (typeof KEYS)[number]): Promise<void> {
    const params = { appId: 'voyage', keyId }
    const key = { keyId, algorithm: 'aes-256-gcm' } as const
    await client.ask(CENTRE_ROUTES.generateKey, { params: { appId: 'voyage' }, body: key })
    if (keyId === 'generated') return
    await client.ask(CENTRE_ROUTES.activateKey, { params })
    if (keyId === 'active') return
    await client.ask(CENTRE_ROUTES.revokeKey, { params })
    if (keyId === 'destroyed') await client.ask(CENTRE_ROUTES.destroyKey, { params })
  }

  const statement = () => join(served.home.path, 'voyage.json')

  /** @returns the error it ends with, or null. */
  async function destroy(): Promise<unknown> {
    written = ''
    const stdout = new Writable({
      write: (chunk: Buffer, _, done) => {
        written += chunk.toString()
        done()
      },
    })
    const identity = served.home.administratorIdentity
    const flags = { url: served.running.facts.url, identity, statement: statement() }
    const context = { home: served.home.path, json: true, stdout } as unknown as CliContext
    const work = destroyAll(context, 'voyage', flags)
    return work.then(() => null).catch((error: unknown) => error)
  }

  const states = async () => {
    const { items } = await client.ask(CENTRE_ROUTES.keys, { params: { appId: 'voyage' } })
    return items.map(({ state }) => state)
  }

  it('is refused while it is active, and destroys nothing', async () => {
    expect(await destroy()).to.deep.include({ code: 'KEY_STATE' })
    expect(await states()).to.deep.equal([...KEYS])
  })

  it('destroys all its keys, whatever state they were in, in every backup, with a statement of each', async () => {
    await client.ask(CENTRE_ROUTES.revokeApplication, { params: { appId: 'voyage' } })
    expect(await destroy()).to.equal(null)
    expect(await states()).to.deep.equal(KEYS.map(() => 'destroyed'))
    const statements = JSON.parse(await readFile(statement(), 'utf8')) as { keyId: string }[]
    expect(statements.map(({ keyId }) => keyId)).to.deep.equal([...KEYS])
    const { items } = await client.ask(CENTRE_ROUTES.backups, {})
    expect(items.map(({ keys }) => keys)).to.deep.equal([[]])
  })

  it('goes on after a key that fails, names it, and finishes it the next time', async () => {
    await client.ask(CENTRE_ROUTES.revokeApplication, { params: { appId: 'voyage' } })
    const { store } = served.running.opened.centre
    const forgetHistory = store.forgetHistory.bind(store)
    let count = 0
    store.forgetHistory = async () => {
      count += 1
      if (count === 2) throw new KmcError('STORE_UNREACHABLE', 'nobody answers')
      await forgetHistory()
    }
    expect(await destroy()).to.deep.include({ exitCode: 1 })
    const { statements, failed } = JSON.parse(written) as Record<string, { keyId: string }[]>
    expect(statements?.map(({ keyId }) => keyId)).to.deep.equal(['active', 'destroyed', 'revoked'])
    expect(failed?.map(({ keyId }) => keyId)).to.deep.equal(['generated'])
    expect(await destroy()).to.equal(null)
    expect(await states()).to.deep.equal(KEYS.map(() => 'destroyed'))
  })
})
