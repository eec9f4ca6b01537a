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
import { makeSoftTokens, SOFT_TOKEN_PIN, softTokenLibrary } from '@orlop/crypto/testing/soft-token'
import { Cli } from '../testkit/cli.ts'
import type { RealNetwork } from '../testkit/real-network.ts'
import { sampleBytes } from '../testkit/sdk-fleet.ts'
import { sharedNetwork } from './shared-network.ts'

const BYTES = sampleBytes(1_100_000)
const SM4 = ['--suite', 'sm4-ctr-hmac-sm3']
// On the machine that decides, nothing is skipped: what is missing fails there.
const decides = process.env['CI'] !== undefined
const canBuild = canBuildSdfFixture()
const hasTokens = softTokenLibrary() !== null

describe('e2e: put with a card', () => {
  let network: RealNetwork
  let folder: string
  let cli: Cli

  before(async () => {
    network = await sharedNetwork()
    folder = await network.folder()
    cli = new Cli(network.home, { cwd: folder, env: { CARD_PIN: SDF_FIXTURE_PIN } })
    await writeFile(join(folder, 'log.bin'), BYTES)
  })

  /** Every copy is what was committed, and opens without a card. */
  async function expectSound({ objectId }: StoreResult): Promise<void> {
    await cli.json('get', objectId, '-o', 'copy.bin', '--overwrite')
    expect(Buffer.compare(await readFile(join(folder, 'copy.bin')), BYTES)).to.equal(0)
  }

  const ofDevice = canBuild || decides ? it : it.skip
  ofDevice(`of GM/T 0018${canBuild ? '' : ` (needs: ${SDF_FIXTURE_NEEDS})`}`, async () => {
    const library = await buildSdfFixture()
    const card = ['--card', `sdf:${library}?key-pair=1&pin-env=CARD_PIN`]
    const stored = await cli.json<StoreResult>('put', 'log.bin', ...SM4, ...card)
    expect(stored.sealedBy).to.match(/^card sdf \(sdf, serial \S+\): sm4-ctr, hmac-sm3$/)
    expect(stored.cipherPath).to.include(`sm4-ctr-hmac-sm3 @ ${stored.sealedBy}`)
    await expectSound(stored)

    const required = [...card, '--card-policy', 'required']
    const refused = await cli.run('put', 'log.bin', ...required, '--json')
    expect(refused.exitCode).to.equal(1)
    expect(JSON.parse(refused.stdout)).to.have.nested.property('error.code', 'CARD_UNAVAILABLE')
    const told = await cli.run('put', 'log.bin', '--name', 'again.bin', ...SM4, ...required)
    expect(told.stdout).to.match(/^ {2}sealed by card sdf \(sdf, serial \S+\): sm4-ctr, hmac-sm3$/m)
  })

  const ofTokens = hasTokens || decides ? it : it.skip
  ofTokens(`of PKCS #11${hasTokens ? '' : ' (needs: apt-get install softhsm2)'}`, async () => {
    const tokens = await makeSoftTokens('ship')
    await writeFile(join(folder, 'pin'), `${SOFT_TOKEN_PIN}\n`, { mode: 0o600 })
    const env = { SOFTHSM2_CONF: tokens.configuration }
    const withTokens = new Cli(network.home, { cwd: folder, env })
    const address = `pkcs11:${tokens.library}?token=ship&pin-file=pin`
    const stored = await withTokens.json<StoreResult>('put', 'log.bin', '--card', address)
    expect(stored.sealedBy).to.match(
      /^card pkcs11:ship \(pkcs11, serial [0-9a-f]{16}\): aes-256-gcm$/,
    )
    await expectSound(stored)
    await tokens.remove()
  })

  it('says without a card that software sealed, and of a wrong card what is wrong', async () => {
    const { sealedBy } = await cli.json<StoreResult>('put', 'log.bin')
    expect(sealedBy).to.equal('software')
    for (const [card, exitCode, code] of [
      ['sdf:/nowhere/libsdf.so', 1, 'CARD_UNAVAILABLE'],
      ['pkcs11:/nowhere.so?token=x&pin=1234', 2, 'CONFIG_INVALID'],
    ] as const) {
      const refused = await cli.run('put', 'log.bin', '--card', card, '--json')
      expect(refused.exitCode).to.equal(exitCode)
      expect(JSON.parse(refused.stdout)).to.have.nested.property('error.code', code)
      expect(refused.stdout + refused.stderr).to.not.include('1234')
    }
  })
})
