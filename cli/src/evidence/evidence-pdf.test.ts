import { expect } from 'chai'
import { encodeEvidence } from '@orlop/client-sdk/evidence/evidence-file'
import type { Evidence } from '@orlop/client-sdk/evidence/evidence-format'
import { printEvidence } from './evidence-pdf.ts'
import { objectStories, standingOf } from './evidence-story.ts'
import { sampleEvidence, sampleEvents } from './sample-evidence.fixture.ts'

async function print(evidence: Evidence): Promise<string> {
  const bytes = encodeEvidence(evidence)
  const fileHash = 'ab'.repeat(32)
  const pdf = await printEvidence({ evidence, bytes, fileHash, fileName: 'evidence.json' })
  return Buffer.from(pdf).toString('latin1')
}

const pagesOf = (pdf: string) => Number(/\/Type \/Pages\n\/Count (\d+)/.exec(pdf)?.[1])

describe('printed evidence', () => {
  it('is a PDF of version 1.7 with its fonts inside and the file attached', async () => {
    const pdf = await print({ ...sampleEvidence(2), events: sampleEvents() })
    expect(pdf).to.match(/^%PDF-1\.7\n/)
    expect(pdf).to.match(/NotoSansSC-Regular/)
    expect(pdf).to.match(/NotoSansMono-Regular/)
    expect(pdf.match(/\/FontFile2/g)).to.have.length.above(2)
    expect(pdf).to.contain('/EmbeddedFiles')
    expect(pdf.trimEnd().endsWith('%%EOF')).to.equal(true)
  })

  it('goes over as many pages as it needs', async () => {
    const short = pagesOf(await print(sampleEvidence(1)))
    const long = pagesOf(await print(sampleEvidence(120)))
    expect(short).to.equal(1)
    expect(long).to.be.within(5, 9)
  })

  it('is the same document when it is printed again', async () => {
    expect(await print(sampleEvidence(1))).to.equal(await print(sampleEvidence(1)))
  })

  it('bears names and times that no form was made for', async () => {
    const evidence = sampleEvidence(1)
    evidence.clients[0]!.name = `${'远'.repeat(200)}\u202E<b>\n\u{13000}`
    evidence.receipts[0]!.commit.expiry = Number.MAX_SAFE_INTEGER
    expect(pagesOf(await print(evidence))).to.be.within(1, 3)
  })
})

describe('the story of an object', () => {
  it('says of every strip until when it is kept, and what became of it', () => {
    const evidence = { ...sampleEvidence(3), events: sampleEvents() }
    const [story] = objectStories(evidence)
    const standings = story!.receipts.map((receipt) => standingOf(receipt, story!.events, 0))
    expect(standings.map(({ state }) => state)).to.deep.equal(['moved away', 'removed', 'kept'])
    expect(new Set(standings.map(({ expiry }) => expiry))).to.deep.equal(new Set([4_133_980_800]))
    const afterwards = standingOf(story!.receipts[2]!, story!.events, 4_133_980_800_000)
    expect(afterwards.state).to.equal('run out')
  })
})
