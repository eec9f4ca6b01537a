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

  describe('of the vault', () => {
    const sdk = {
      ...secret,
      'client-sdk/src/browser/index.ts': "export * from '../client.ts'",
      'client-sdk/src/client.ts': "import '@orlop/crypto/keys/stanza'",
    }
    const opens = "import '@orlop/client-sdk/browser'"

    it('lets it take the explorer’s parts and the SDK for pages', () => {
      const page = `import '../ui/badge.tsx'\n${opens}`
      const files = { 'explorer/src/ui/badge.tsx': '', 'explorer/src/vault/page.tsx': page }
      expect(law({ ...sdk, ...files })).to.deep.equal([])
    })

    it('catches it taking the SDK by another door, or keys past the SDK', () => {
      const page = "import '@orlop/client-sdk/client'\nimport '@orlop/crypto/keys/stanza'"
      const problems = law({ ...sdk, 'explorer/src/vault/page.tsx': page })
      expect(problems).to.have.length(2)
      expect(problems.join('\n'))
        .to.contain(
          'explorer/src/vault/page.tsx:2 imports crypto/src/keys/stanza.ts: vault may not',
        )
        .and.contain('explorer/src/vault/page.tsx:1 imports client-sdk/src/client.ts and not')
    })

    it('catches the explorer opening anything: by the vault, by the SDK, or by what seals', () => {
      const vault = { ...sdk, 'explorer/src/vault/session.ts': opens }
      for (const [statement, reached] of [
        ["import './vault/session.ts'", 'explorer reaches vault'],
        [opens, 'explorer reaches client-sdk'],
        ["import '@orlop/crypto/keys/stanza'", 'explorer reaches crypto/secret'],
      ] as const) {
        const problems = law({ ...vault, 'explorer/src/app.tsx': statement })
        expect(problems.join('\n'), statement)
          .to.contain('explorer may not import')
          .and.contain(reached)
      }
    })

    it('catches the explorer doing so through a page of its own', () => {
      const problems = law({
        ...sdk,
        'explorer/src/vault/session.ts': opens,
        'explorer/src/ui/lock.tsx': "await import('../vault/session.ts')",
        'explorer/src/app.tsx': "import './ui/lock.tsx'",
      })
      expect(problems.join('\n')).to.contain(
        'explorer/src/app.tsx -> explorer/src/ui/lock.tsx -> explorer/src/vault/session.ts',
      )
    })
  })

  it('catches whoever reaches the key management centre from a node, the gateway or a page', () => {
    for (const path of [
      'node/src/keys.ts',
      'gateway/src/keys.ts',
      'explorer/src/keys.ts',
      'explorer/src/vault/keys.ts',
    ]) {
      const problems = law({
        'kmc/src/root/seal.ts': 'export const root = 1',
        [path]: "import { root } from '@orlop/kmc/root/seal'\nvoid root",
      })
      expect(problems.join('\n'), path).to.contain('may not import kmc').and.contain('reaches kmc')
    }
  })

  it('lets the key management centre seal, and keeps it from the SDK and from nodes', () => {
    const files = { ...secret, 'client-sdk/src/client.ts': '', 'node/src/store.ts': '' }
    const seals = "import '@orlop/crypto/keys/stanza'"
    expect(law({ ...files, 'kmc/src/seal.ts': seals })).to.deep.equal([])
    for (const other of ['client-sdk/client', 'node/store']) {
      const problems = law({ ...files, 'kmc/src/seal.ts': `import '@orlop/${other}'` })
      expect(problems.join('\n')).to.contain('kmc may not import')
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
