import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { isOrlopError } from '@orlop/protocol/errors'
import { readAgentConfig } from './agent-config.ts'

const OPERATIONS = new URL('../../docs/operations.md', import.meta.url)

describe('the agent’s configuration', () => {
  let folder: string
  let example: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-config-'))
    const page = await readFile(OPERATIONS, 'utf8')
    example = /^```yaml\n(.*?)^```/ms.exec(page)?.[1] ?? ''
  })
  after(() => rm(folder, { recursive: true }))

  async function read(text: string) {
    const file = join(folder, 'agent.yaml')
    await writeFile(file, text)
    return readAgentConfig(file)
  }

  async function problemOf(text: string): Promise<string> {
    try {
      await read(text)
    } catch (error) {
      if (isOrlopError(error, 'CONFIG_INVALID')) return error.message
      throw error
    }
    return 'none'
  }

  it('is read as the operations page shows it, with paths from its own folder', async () => {
    const config = await read(example)
    expect(config.watch).to.deep.equal(['/data/ecdis/export', '/data/engine'])
    expect(config.passphraseFile).to.equal(join(folder, 'passphrase'))
    expect(config.policyFile).to.equal(join(folder, 'policy.yaml'))
    expect(config.shareWith).to.deep.equal([1])
    expect(config.bootstrap).to.have.length(1)
  })

  it('takes custodians pinned to their opening keys, and none by number alone', async () => {
    const key = 'ab'.repeat(32)
    const of = (list: string) => example.replace(/^pinnedClients.*$/m, `pinnedClients: ${list}`)
    const pinned = of(`[{ clientId: 7, openingKey: ${key} }]`)
    const openingKey = new Uint8Array(32).fill(0xab)
    expect((await read(pinned)).pinnedClients).to.deep.equal([{ clientId: 7, openingKey }])
    expect(await problemOf(of('[7]'))).to.include('pinnedClients')
  })

  it('takes clients to share with by number, or pinned to their opening key', async () => {
    const key = 'ab'.repeat(32)
    const pinned = `shareWith: [1, { clientId: 2, openingKey: ${key} }]`
    const config = await read(example.replace(/^shareWith.*$/m, pinned))
    expect(config.shareWith).to.deep.equal([
      1,
      { clientId: 2, openingKey: new Uint8Array(32).fill(0xab) },
    ])
    const short = example.replace(/^shareWith.*$/m, 'shareWith: [{ clientId: 2, openingKey: ab }]')
    expect(await problemOf(short)).to.include('shareWith')
  })

  it('takes an application with its centre, and names what is wrong in it', async () => {
    const centre = 'centre: { url: "https://keys:8443/", identityFile: a.pem, requesterId: bridge }'
    const { application } = await read(`${example}application: { appId: voyage, ${centre} }\n`)
    expect(application).to.deep.include({ appId: 'voyage', keyId: 'default', exclusive: false })
    const half = centre.replace('requesterId', 'cardKey: "1", requesterId')
    expect(await problemOf(`${example}application: { appId: voyage, ${half} }\n`)).to.include(
      'card and cardKey',
    )
    const open = `${example}application: { appId: voyage, ${centre.replace('https', 'http')} }\n`
    expect(await problemOf(open)).to.include('application.centre.url')
  })

  it('takes a card and what happens where it cannot seal, with no PIN in the file', async () => {
    const card =
      'cards: ["sdf:/usr/lib/libsdf.so?key-pair=1&pin-file=pin", auto]\ncardPolicy: required\n'
    const config = await read(example + card)
    expect(config.cards.map(({ kind }) => kind)).to.deep.equal(['sdf', 'auto'])
    expect(config.cards[0]).to.deep.include({ pin: { file: 'pin' } })
    expect(config).to.include({ cardPolicy: 'required', folder })
    const leaked = 'cards: ["pkcs11:/usr/lib/p11.so?token=x&pin=Secret-1"]\n'
    expect(await problemOf(example + leaked))
      .to.include('card')
      .and.include('pin-file')
      .and.not.include('Secret-1')
  })

  it('names the field that is wrong, missing or unknown, and the file', async () => {
    const wrong = [
      [example.replace('imoNumber: 9074729', 'imoNumber: many'), 'ship.imoNumber'],
      [example.replace(/^passphraseFile.*\n/m, ''), 'passphraseFile'],
      [`${example}colour: red\n`, 'colour'],
      [example.replace('chainId: 4206', 'chainId: 0'), 'ledger.deployment.chainId'],
    ] as const
    for (const [text, field] of wrong) {
      expect(await problemOf(text))
        .to.include(field)
        .and.include('agent.yaml')
    }
  })

  it('says that a file is no YAML, or cannot be read', async () => {
    expect(await problemOf('home: [')).to.include('not valid YAML')
    const missing = await readAgentConfig(join(folder, 'missing.yaml')).catch(
      (error: unknown) => error,
    )
    expect(isOrlopError(missing, 'CONFIG_INVALID')).to.equal(true)
  })
})
