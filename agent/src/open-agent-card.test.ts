import { expect } from 'chai'
import { parseCardAddress } from '@orlop/client-sdk/index'
import { isOrlopError } from '@orlop/protocol/errors'
import { type Logger, silentLogger } from '@orlop/protocol/logger'
import { type CardConfig, openAgentCard } from './open-agent-card.ts'

const MISSING = parseCardAddress('sdf:/nowhere/libsdf.so')

describe('the agent’s card', () => {
  const warnings: object[] = []
  const logger: Logger = { ...silentLogger, warn: (fields) => warnings.push(fields) }

  const open = (config: Partial<CardConfig>) =>
    openAgentCard(
      { card: undefined, cardPolicy: 'preferred', folder: '/', ...config },
      { env: {}, logger },
    )
  const codeOf = (config: Partial<CardConfig>) =>
    open(config).then(
      () => 'opened',
      (error: unknown) => (isOrlopError(error) ? error.code : String(error)),
    )

  beforeEach(() => warnings.splice(0))

  it('is none where none is configured', async () => {
    expect(await open({})).to.equal(null)
    expect(warnings).to.deep.equal([])
  })

  it('that cannot be opened does not keep a ship from storing: it is in the log', async () => {
    expect(await open({ card: MISSING })).to.equal(null)
    expect(warnings).to.have.length(1)
    expect(warnings[0]).to.include({ code: 'CARD_UNAVAILABLE' })
  })

  it('that is required is there or the agent does not start', async () => {
    expect(await codeOf({ card: MISSING, cardPolicy: 'required' })).to.equal('CARD_UNAVAILABLE')
    expect(await codeOf({ cardPolicy: 'required' })).to.equal('CONFIG_INVALID')
  })

  it('whose PIN cannot be read is a mistake in the configuration, whatever the policy', async () => {
    const card = parseCardAddress('pkcs11:/nowhere/p11.so?token=x&pin-env=UNSET')
    expect(await codeOf({ card })).to.equal('CONFIG_INVALID')
  })
})
