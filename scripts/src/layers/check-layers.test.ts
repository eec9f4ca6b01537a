import { expect } from 'chai'
import { checkLayers } from './check-layers.ts'

const law = (files: Record<string, string>) => checkLayers(new Map(Object.entries(files)))

const secret = { 'crypto/src/keys/stanza.ts': 'export const unwrap = 1' }

describe('the import law', () => {
  it('lets allowed imports pass', () => {
    const problems = law({
      'crypto/src/merkle.ts': 'export const root = 1',
      'node/src/store.ts': "import { root } from '@orlop/crypto/merkle'\nexport const kept = root",
    })
    expect(problems).to.deep.equal([])
  })

  it('catches a node that imports what unwraps keys', () => {
    const [problem] = law({
      ...secret,
      'node/src/peek.ts':
        "import { unwrap } from '@orlop/crypto/keys/stanza'\nexport const peek = unwrap",
    })
    expect(problem)
      .to.contain('node/src/peek.ts:1')
      .and.contain('node may not import crypto/secret')
  })

  it('catches a node that reaches it through another package', () => {
    const problems = law({
      ...secret,
      'contracts/src/helper.ts': "export * from '@orlop/crypto/keys/stanza'",
      'node/src/main.ts': "import { unwrap } from '@orlop/contracts/helper'\nvoid unwrap",
    })
    expect(problems.join('\n')).to.contain(
      'node/src/main.ts -> contracts/src/helper.ts -> crypto/src/keys/stanza.ts',
    )
  })

  it('catches it behind a dynamic import and a type import', () => {
    for (const statement of [
      "await import('@orlop/crypto/keys/stanza')",
      "import type { T } from '@orlop/crypto/keys/stanza'",
      "type T = import('@orlop/crypto/keys/stanza').T",
    ]) {
      expect(law({ ...secret, 'node/src/peek.ts': statement }), statement).to.not.deep.equal([])
    }
  })

  it('catches cycles between files', () => {
    const [problem] = law({
      'protocol/src/a.ts': "import './b.ts'",
      'protocol/src/b.ts': "import './a.ts'",
    })
    expect(problem).to.contain('import cycle')
  })

  it('catches a logging library inside', () => {
    const [problem] = law({ 'client-sdk/src/upload.ts': "import pino from 'pino'" })
    expect(problem).to.contain('a library of the edges')
  })

  it('catches reading the environment outside main.ts', () => {
    const [problem] = law({ 'client-sdk/src/home.ts': 'export const home = process.env.HOME' })
    expect(problem).to.contain('only main.ts files may')
  })

  it('refuses an import of our own that names no file, instead of letting it pass', () => {
    expect(() => law({ 'node/src/x.ts': "import '@orlop/crypto/nothing'" })).to.throw('there is no')
  })
})
