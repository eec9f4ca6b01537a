import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import { DATA_CLASSES } from '@orlop/protocol/data-classes'
import type { DataClass } from '@orlop/protocol/data-classes'
import { OrlopError } from '@orlop/protocol/errors'

import { TemporaryFolders } from '../testkit/temporary-folder.ts'
import { decide } from './decide.ts'
import { DEFAULT_POLICY_URL, loadPolicy } from './load-policy.ts'
import type { PolicyFacts } from './match.ts'
import { MAX_POLICY_BYTES, parsePolicy } from './parse-policy.ts'
import { policySchema } from './schema.ts'

use(chaiAsPromised)

const FACTS: PolicyFacts = {
  dataClass: 'document',
  format: 'pdf',
  name: 'report.pdf',
  folder: '/data/ship/reports',
  sizeBytes: 1000,
}

function problemOf(text: string): OrlopError {
  try {
    parsePolicy(text, 'ship.yaml')
  } catch (error) {
    if (error instanceof OrlopError) return error
    throw error
  }
  throw new Error('expected the policy to be refused')
}

describe('policy file', () => {
  const REFUSED = [
    { what: 'a misspelt setting', text: 'version: 1\ndefaults:\n  colour: red\n', at: '3:11' },
    { what: 'a single copy', text: 'version: 1\ndefaults:\n  copies: 1\n', at: '3:11' },
    { what: 'too many copies', text: 'version: 1\ndefaults: { copies: 17 }\n', at: '2:21' },
    { what: 'another version', text: 'version: 2\n', at: '1:10' },
    {
      what: 'an unknown class in a rule',
      text: 'version: 1\nrules:\n  - rule: a\n    when: { class: boat }\n    set: {}\n',
      at: '4:20',
    },
    {
      what: 'a rule without a name',
      text: 'version: 1\nrules:\n  - set: {}\n',
      at: '3:5',
    },
    {
      what: 'the undisclosed class',
      text: 'version: 1\ndefaults: { class: undisclosed }\n',
      at: '2:20',
    },
    { what: 'a setting given twice', text: 'version: 1\nversion: 1\n', at: '2:1' },
    { what: 'broken YAML', text: 'version: 1\nrules: [\n', at: '3:1' },
    { what: 'an unresolved alias', text: 'version: *v\n', at: '1:1' },
    { what: 'a list', text: '- version: 1\n', at: '1:1' },
    { what: 'nothing', text: '', at: '1:1' },
    { what: 'a zstd level beyond 19', text: 'version: 1\ndefaults: { zstdLevel: 22 }', at: '2:24' },
  ]
  for (const { what, text, at } of REFUSED) {
    it(`refuses ${what} and names line and column`, () => {
      const error = problemOf(text)
      expect(error.code).to.equal('POLICY_INVALID')
      expect(error.message).to.contain(`ship.yaml:${at}: `)
      expect(error.isUsage).to.equal(true)
    })
  }

  it('names every problem at once', () => {
    const error = problemOf('version: 1\ndefaults:\n  copies: 1\n  level: 7\n  lane: fast\n')
    expect(error.message.match(/ship\.yaml:\d+:\d+/g)).to.have.members([
      'ship.yaml:3:11',
      'ship.yaml:4:10',
      'ship.yaml:5:9',
    ])
  })

  it('wants to know who keeps the key at level 3, of the rule or of the defaults', () => {
    const rule = 'rules:\n  - rule: a\n    set:\n      level: 3\n'
    const custody = 'custody: { threshold: 2, custodians: [4, 7, 9] }'
    const error = problemOf(`version: 1\n${rule}`)
    expect(error.code).to.equal('POLICY_INVALID')
    expect(error.message).to.contain('ship.yaml:5:14: level 3 needs custody')
    parsePolicy(`version: 1\n${rule}      ${custody}\n`)
    parsePolicy(`version: 1\ndefaults:\n  ${custody}\n${rule}`)
  })

  const BAD_CUSTODY = {
    'a threshold above the custodians': '{ threshold: 3, custodians: [4, 7] }',
    'a custodian named twice': '{ threshold: 2, custodians: [4, 4] }',
    'one custodian who decides alone': '{ threshold: 1, custodians: [4, 7] }',
    'custodians without a threshold': '{ custodians: [4, 7] }',
    'a key that is none': "{ sm2Key: '04ab' }",
  }
  for (const [what, custody] of Object.entries(BAD_CUSTODY)) {
    it(`refuses ${what}`, () => {
      const error = problemOf(`version: 1\ndefaults:\n  custody: ${custody}\n`)
      expect(error.code).to.equal('POLICY_INVALID')
    })
  }

  it('does not let aliases multiply', () => {
    const bomb = [
      'a: &a [x]',
      ...'bcdefgh'.split('').map((name, i) => {
        const before = 'abcdefgh'.charAt(i)
        return `${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`
      }),
    ].join('\n')
    expect(problemOf(bomb).code).to.equal('POLICY_INVALID')
  })

  it('refuses a policy that is too long', () => {
    const text = `version: 1\n# ${'x'.repeat(MAX_POLICY_BYTES)}`
    expect(problemOf(text).message).to.contain('ship.yaml:1:1')
  })
})

describe('loading a policy', () => {
  const folders = new TemporaryFolders()
  after(() => folders.removeAll())

  it('brings a default policy that treats every class', async () => {
    const policy = await loadPolicy()
    for (const dataClass of Object.keys(DATA_CLASSES) as DataClass[]) {
      if (dataClass === 'undisclosed') continue
      const { rule } = decide({ ...FACTS, dataClass }, policy)
      expect(rule, dataClass).to.not.equal('defaults')
    }
    expect(DEFAULT_POLICY_URL.pathname).to.match(/default-policy\.yaml$/)
  })

  it('treats a voyage plan as critical: heavy nodes only, three copies, first lane', async () => {
    const plan = decide({ ...FACTS, dataClass: 'voyage-plan' }, await loadPolicy())
    expect(plan).to.deep.include({
      importance: 'critical',
      copies: 3,
      tiers: ['heavy'],
      lane: 'urgent',
      level: 2,
      chaosProfile: 'wide',
      classCode: DATA_CLASSES['voyage-plan'],
    })
  })

  it('names a file that is not there, and one that is no file', async () => {
    const folder = await folders.make()
    const missing = join(folder, 'none.yaml')
    await expect(loadPolicy(missing)).to.be.rejectedWith(missing)
    await mkdir(join(folder, 'folder.yaml'))
    await expect(loadPolicy(join(folder, 'folder.yaml'))).to.be.rejected.and.eventually.include({
      code: 'POLICY_INVALID',
    })
  })

  it('names the line of a problem in a file', async () => {
    const path = join(await folders.make(), 'ship.yaml')
    await writeFile(path, 'version: 1\ndefaults:\n  copies: none\n')
    await expect(loadPolicy(path)).to.be.rejectedWith(`${path}:3:11`)
  })
})

describe('deciding', () => {
  function rulesPolicy(...rules: string[]) {
    return parsePolicy(`version: 1\ndefaults: { retentionDays: 30 }\nrules:\n${rules.join('\n')}`)
  }

  it('uses the first rule that matches, and the defaults for what it leaves open', () => {
    const policy = rulesPolicy(
      '  - { rule: images, when: { class: image }, set: { copies: 9 } }',
      '  - { rule: reports, when: { name: "REPORT*" }, set: { copies: 4, labels: { kind: report } } }',
      '  - { rule: later, set: { copies: 5 } }',
    )
    const decision = decide(FACTS, policy)
    expect(decision).to.deep.include({
      rule: 'reports',
      copies: 4,
      retentionDays: 30,
      suite: 'aes-256-gcm',
      labels: { kind: 'report' },
    })
  })

  it('says so when no rule matches', () => {
    expect(decide(FACTS, parsePolicy('version: 1')).rule).to.equal('defaults')
  })

  const CONDITIONS: readonly { when: string; holds: boolean; facts?: Partial<PolicyFacts> }[] = [
    { when: '{ class: [image, document] }', holds: true },
    { when: '{ class: image }', holds: false },
    { when: '{ format: "p?f" }', holds: true },
    { when: '{ name: "*.PDF" }', holds: true },
    { when: '{ name: "*.txt" }', holds: false },
    { when: '{ name: "航行*" }', holds: true, facts: { name: '航行计划.txt' } },
    { when: '{ folder: ship }', holds: true },
    { when: '{ folder: "/data" }', holds: true },
    { when: '{ folder: "sh?p/rep*" }', holds: true },
    { when: '{ folder: "/ship" }', holds: false },
    { when: '{ folder: shi }', holds: false },
    { when: '{ folder: ship }', holds: false, facts: { folder: '' } },
    { when: '{ minBytes: 1000, maxBytes: 1000 }', holds: true },
    { when: '{ minBytes: 1001 }', holds: false },
    { when: '{ maxBytes: 999 }', holds: false },
    { when: '{ minBytes: 0 }', holds: false, facts: { sizeBytes: null } },
    { when: '{ class: document, name: "*.txt" }', holds: false },
  ]
  for (const { when, holds, facts } of CONDITIONS) {
    const about = facts === undefined ? '' : ` for ${JSON.stringify(facts)}`
    it(`finds that ${when} ${holds ? 'holds' : 'does not hold'}${about}`, () => {
      const policy = rulesPolicy(`  - { rule: it, when: ${when}, set: {} }`)
      const { rule } = decide({ ...FACTS, ...facts }, policy)
      expect(rule).to.equal(holds ? 'it' : 'defaults')
    })
  }

  it('places by importance: routine on light nodes first, the rest on heavy ones only', () => {
    const policy = parsePolicy('version: 1')
    expect(decide(FACTS, policy, { importance: 'routine' }).tiers).to.deep.equal(['light', 'heavy'])
    expect(decide(FACTS, policy, { importance: 'important' }).tiers).to.deep.equal(['heavy'])
    const allowed = decide(FACTS, policy, { importance: 'critical', otherTier: 'allow' })
    expect(allowed.tiers).to.deep.equal(['heavy', 'light'])
  })

  it('hides the class where the policy says so, and uses the class that it sets', () => {
    const policy = rulesPolicy('  - { rule: it, set: { class: vdr-export, disclose: false } }')
    expect(decide(FACTS, policy)).to.include({ dataClass: 'vdr-export', classCode: 0 })
    expect(decide(FACTS, policy, { disclose: true }).classCode).to.equal(3)
  })

  it('has no chaotic layer at level 1', () => {
    expect(decide(FACTS, parsePolicy('version: 1'), { level: 1 }).chaosProfile).to.equal('none')
  })

  it('refuses level 3 asked for by the caller', () => {
    expect(() => decide(FACTS, parsePolicy('version: 1'), { level: 3 }))
      .to.throw(OrlopError)
      .with.property('code', 'LEVEL_UNSUPPORTED')
  })

  it('has custodians at level 3 and nowhere else', () => {
    const custody = { threshold: 2, custodians: [4, 7, 9] }
    const text = 'custody: { threshold: 2, custodians: [4, 7, 9] }'
    const policy = rulesPolicy(`  - { rule: it, set: { ${text} } }`)
    expect(decide(FACTS, policy)).to.include({ level: 2, custody: null })
    const third = decide(FACTS, policy, { level: 3 })
    expect(third).to.deep.include({ level: 3, custody, chaosProfile: 'wide' })
  })

  it('takes custodians named by the caller for a wish for level 3', () => {
    const policy = rulesPolicy('  - { rule: it, set: { level: 1 } }')
    const custody = { threshold: 2, custodians: [1, 2] }
    expect(decide(FACTS, policy, { custody })).to.deep.include({ level: 3, custody })
    expect(() => decide(FACTS, policy, { custody, level: 2 }))
      .to.throw('not with level 2')
      .with.property('code', 'USAGE')
    expect(() => decide(FACTS, policy, { level: 3 }))
      .to.throw('needs somebody who keeps the key')
      .with.property('code', 'LEVEL_UNSUPPORTED')
  })

  it('lets the caller go before the policy, but not with undefined', () => {
    const policy = rulesPolicy('  - { rule: it, set: { copies: 4 } }')
    expect(decide(FACTS, policy, { copies: 6 }).copies).to.equal(6)
    expect(decide(FACTS, policy, { copies: undefined }).copies).to.equal(4)
  })
})

describe('docs/policy.md', () => {
  it('shows a policy that can be used', async () => {
    const page = await readFile(new URL('../../../docs/policy.md', import.meta.url), 'utf8')
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
    const policy = parsePolicy(example, 'docs/policy.md')
    const drill = { ...FACTS, dataClass: 'voyage-plan', folder: '/bridge/演习' } as const
    expect(decide(drill, policy)).to.include({ importance: 'routine', lane: 'bulk' })
  })

  it('names every setting and condition', async () => {
    const page = await readFile(new URL('../../../docs/policy.md', import.meta.url), 'utf8')
    const { when, set } = policySchema.shape.rules.unwrap().element.shape
    const names = [...Object.keys(when.unwrap().shape), ...Object.keys(set.shape)]
    expect(
      names.filter((name) => !page.includes(`| \`${name}\``) && !page.includes(`, \`${name}\` |`)),
    ).to.deep.equal([])
  })
})
