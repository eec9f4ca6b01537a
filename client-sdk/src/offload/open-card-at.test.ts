import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  buildSdfFixture,
  canBuildSdfFixture,
  SDF_FIXTURE_NEEDS,
  SDF_FIXTURE_PIN,
} from '@orlop/crypto/testing/sdf-fixture'
import { isOrlopError } from '@orlop/protocol/errors'
import { parseCardAddress } from './card-address.ts'
import { type CardSurroundings, openCardAt } from './open-card-at.ts'

function failureOf(text: string): string {
  try {
    parseCardAddress(text)
  } catch (error) {
    if (isOrlopError(error, 'CONFIG_INVALID')) return error.message
    throw error
  }
  throw new Error(`expected ${text} to be refused`)
}

describe('the address of a card', () => {
  it('names library, options and where the PIN is', () => {
    expect(
      parseCardAddress('sdf:/usr/lib/libsdf.so?profile=sansec&key-pair=1&pin-env=CARD_PIN'),
    ).to.deep.equal({
      kind: 'sdf',
      library: '/usr/lib/libsdf.so',
      options: { profile: 'sansec', 'key-pair': 1 },
      pin: { variable: 'CARD_PIN' },
    })
    const text = 'pkcs11:/opt/a:b.so?token=MV%20Test&sessions=8&min-bytes=4096&pin-file=pin.txt'
    expect(parseCardAddress(text)).to.deep.equal({
      kind: 'pkcs11',
      library: '/opt/a:b.so',
      options: { token: 'MV Test', sessions: 8, 'min-bytes': 4096 },
      pin: { file: 'pin.txt' },
    })
    const auto = { kind: 'auto', library: '', options: {}, pin: null }
    expect(parseCardAddress('auto')).to.deep.equal(auto)
  })

  for (const [text, why] of [
    ['', 'not of the form'],
    ['tpm:/dev/tpm0', 'not of the form'],
    ['auto:/usr/lib/libsdf.so', 'not of the form'],
    ['sdf', 'absolute path'],
    ['sdf:libsdf.so', 'absolute path'],
    ['sdf:/a.so?token=x', 'those there are: name, profile, key-pair'],
    ['sdf:/a.so?kek=1&kek=2', 'kek is there twice'],
    ['sdf:/a.so?kek=0', 'kek '],
    ['sdf:/a.so?kek=one', 'kek is not a whole number'],
    ['sdf:/a.so?profile=other', 'profile '],
    ['sdf:/a.so?pin-env=P', 'add key-pair=INDEX'],
    ['pkcs11:/a.so', 'add token=LABEL'],
    ['pkcs11:/a.so?token=x&pin-env=A&pin-file=b', 'both'],
    ['pkcs11:/a.so?token=x&sessions=257', 'sessions '],
  ] as const) {
    it(`refuses '${text}': ${why}`, () => {
      expect(failureOf(text)).to.include(why)
    })
  }

  it('refuses a PIN in it, and does not repeat it', () => {
    for (const text of ['pkcs11:/a.so?token=x&pin=Secret-1', 'sdf:/a.so?Password=Secret-1']) {
      expect(failureOf(text)).to.include('pin-file=FILE').and.not.include('Secret')
    }
    expect(failureOf('pkcs11:/a.so?token=x&pni=Secret-1')).to.not.include('Secret')
    expect(failureOf('Secret-1')).to.not.include('Secret')
  })
})

describe('opening the card at an address', () => {
  let folder: string
  const notices: string[] = []
  const around = (more: Partial<CardSurroundings> = {}): CardSurroundings => {
    return { env: {}, folder, onNotice: (message) => notices.push(message), ...more }
  }
  const open = (text: string, more: Partial<CardSurroundings> = {}) =>
    openCardAt(parseCardAddress(text), around(more))
  const codeOf = (opening: Promise<unknown>) =>
    opening.then(
      () => 'opened',
      (error: unknown) => (isOrlopError(error) ? error.code : String(error)),
    )

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-card-'))
  })
  beforeEach(() => notices.splice(0))
  after(() => rm(folder, { recursive: true }))

  it('says which library is missing', async () => {
    const failure = await open('sdf:/nowhere/libsdf.so').catch((error: unknown) => error)
    expect(isOrlopError(failure, 'CARD_UNAVAILABLE')).to.equal(true)
    expect(String(failure)).to.include('/nowhere/libsdf.so')
    expect(failure).to.have.nested.property('cause.code', 'CARD_LIBRARY')
    expect(await codeOf(open('pkcs11:/nowhere/p11.so?token=x'))).to.equal('CARD_UNAVAILABLE')
  })

  it('says where no PIN is, before any library is loaded', async () => {
    const address = 'pkcs11:/nowhere/p11.so?token=x'
    await writeFile(join(folder, 'empty'), '\n')
    for (const pin of ['pin-env=UNSET', 'pin-file=missing', 'pin-file=empty']) {
      expect(await codeOf(open(`${address}&${pin}`)), pin).to.equal('CONFIG_INVALID')
    }
  })

  it('finds nothing by itself where nothing is', async () => {
    expect(await open('auto', { exists: () => false })).to.equal(null)
  })

  it('tells of every library that is there and gives no card, and looks on', async () => {
    expect(await open('auto?token=x', { exists: (path) => path.includes('libsdf') })).to.equal(null)
    expect(notices).to.have.length(3)
    expect(notices[0]).to.include('/usr/lib/libsdf.so gives no card')
  })

  const canBuild = canBuildSdfFixture()
  const decides = process.env['CI'] !== undefined
  const ofDevice = canBuild || decides ? it : it.skip

  ofDevice(`opens a device with its PIN${canBuild ? '' : ` (${SDF_FIXTURE_NEEDS})`}`, async () => {
    const library = await buildSdfFixture()
    await writeFile(join(folder, 'pin'), `${SDF_FIXTURE_PIN}\n`)
    await chmod(join(folder, 'pin'), 0o600)
    const address = `sdf:${library}?key-pair=1&kek=1&sessions=2`
    const byFile = await open(`${address}&pin-file=pin`)
    expect(byFile?.info().driver).to.equal('sdf')
    await byFile?.close()
    const byVariable = await open(`${address}&pin-env=PIN`, { env: { PIN: SDF_FIXTURE_PIN } })
    await byVariable?.close()
    expect(await codeOf(open(`sdf:${library}?key-pair=9`))).to.equal('CARD_UNAVAILABLE')
  })
})
