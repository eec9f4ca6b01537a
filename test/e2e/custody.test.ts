import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { StoreResult } from '@orlop/client-sdk/index'
import {
  buildSdfFixture,
  canBuildSdfFixture,
  SDF_FIXTURE_NEEDS,
  SDF_FIXTURE_PIN,
} from '@orlop/crypto/testing/sdf-fixture'
import { Cli } from '../testkit/cli.ts'
import { newClient } from '../testkit/new-client.ts'
import type { RealNetwork } from '../testkit/real-network.ts'
import { sampleBytes } from '../testkit/sdk-fleet.ts'
import { sharedNetwork } from './shared-network.ts'

const BYTES = sampleBytes(40_000)
// On the machine that decides, nothing is skipped: what is missing fails there.
const decides = process.env['CI'] !== undefined
const canBuild = canBuildSdfFixture()

describe('e2e: objects whose keys others keep', () => {
  let network: RealNetwork
  let folder: string
  let owner: Cli
  let ownerId: number

  before(async () => {
    network = await sharedNetwork()
    folder = await network.folder()
    owner = new Cli(network.home, { cwd: folder, env: { CARD_PIN: SDF_FIXTURE_PIN } })
    await writeFile(join(folder, 'will.bin'), BYTES)
    ownerId = (await owner.json<{ clientId: number }>('whoami')).clientId
  })

  const get = (objectId: string, ...options: string[]) =>
    owner.run('get', objectId, '-o', 'copy.bin', '--overwrite', '--json', ...options)

  async function expectOpens(objectId: string, ...options: string[]): Promise<void> {
    const { exitCode, stderr } = await get(objectId, ...options)
    expect(exitCode, stderr).to.equal(0)
    expect(Buffer.compare(await readFile(join(folder, 'copy.bin')), BYTES)).to.equal(0)
  }

  async function expectRefused(code: string, objectId: string, ...options: string[]) {
    const { exitCode, stdout } = await get(objectId, ...options)
    expect(exitCode).to.equal(1)
    expect(JSON.parse(stdout)).to.have.nested.property('error.code', code)
  }

  it('a custodian gives its share to another, and both together open it', async () => {
    const notary = await newClient(network, 'Notary')
    const { clientId } = await notary.json<{ clientId: number }>('whoami')
    const custodians = ['--custodian', String(ownerId), '--custodian', String(clientId)]
    const put = ['put', 'will.bin', '--threshold', '2', ...custodians, '--wait-for', 'recorded']
    const { objectId, level } = await owner.json<StoreResult>(...put)
    expect(level).to.equal(3)
    await expectRefused('SHARES_MISSING', objectId)
    const file = join(folder, 'share.txt')
    const who = ['--owner', String(ownerId), '--to', String(ownerId)]
    await notary.json('custody', 'give', objectId, ...who, '-o', file)
    await expectOpens(objectId, '--shares', file)
  })

  it('an SM2 key of OpenSSL opens what was shared with it', async () => {
    const secret = execFileSync('openssl', [
      ...['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:SM2'],
    ])
    await writeFile(join(folder, 'secret.pem'), secret, { mode: 0o600 })
    const pem = execFileSync('openssl', ['pkey', '-pubout'], { input: secret })
    await writeFile(join(folder, 'public.pem'), pem)
    const { objectId } = await owner.json<StoreResult>('put', 'will.bin', '--suite', 'sm4-gcm')
    await owner.json('share', objectId, '--sm2', 'public.pem')
    await expectOpens(objectId, '--sm2-key', 'secret.pem')
  })

  const ofDevice = canBuild || decides ? it : it.skip
  const needs = canBuild ? '' : ` (needs: ${SDF_FIXTURE_NEEDS})`
  ofDevice(`a card alone opens what is bound to it${needs}`, async () => {
    const library = await buildSdfFixture()
    const address = `sdf:${library}?key-pair=1&pin-env=CARD_PIN`
    const card = ['--card', address, '--card-key', '1']
    const { pem } = await owner.json<{ pem: string }>('custody', 'card-key', ...card)
    await writeFile(join(folder, 'card.pem'), pem)
    const put = ['put', 'will.bin', '--custody-key', 'card.pem', '--card', address]
    const { objectId } = await owner.json<StoreResult>(...put)
    await expectOpens(objectId, ...card)
  })
})
