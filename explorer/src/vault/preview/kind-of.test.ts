import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { kindOf } from './kind-of.ts'

const SAMPLES = new URL('../../../../samples/voyage/', import.meta.url)
const encoder = new TextEncoder()

describe('kindOf', () => {
  for (const [name, expected] of [
    ['plaka-excerpt.nmea', { kind: 'nmea' }],
    ['quay-photo.jpg', { kind: 'image', mediaType: 'image/jpeg' }],
    ['voyage-plan-2022-03-22.txt', { kind: 'text', encoding: 'utf-8' }],
    ['noon-report-2022-03-22.pdf', { kind: 'other', mediaType: 'application/pdf' }],
  ] as const) {
    it(`knows ${name} by its content`, async () => {
      const bytes = await readFile(new URL(name, SAMPLES))
      expect(await kindOf(bytes, bytes.length)).to.deep.equal(expected)
    })
  }

  for (const [what, content, expected] of [
    ['nothing', '', { kind: 'empty' }],
    ['a table', 'time,rpm\n1,90\n2,91\n', { kind: 'table', encoding: 'utf-8' }],
    ['a table with tabs', 'time\trpm\n1\t90\n2\t91\n', { kind: 'table', encoding: 'utf-8' }],
    ['one column of numbers', '1\n2\n3\n', { kind: 'text', encoding: 'utf-8' }],
    [
      'a page of HTML',
      '<!doctype html><script>alert(1)</script>',
      { kind: 'text', encoding: 'utf-8' },
    ],
    [
      'an SVG with a script',
      '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
      { kind: 'text', encoding: 'utf-8' },
    ],
    ['JSON', '{"a": 1}', { kind: 'text', encoding: 'utf-8' }],
    ['XML', '<?xml version="1.0"?><a/>', { kind: 'text', encoding: 'utf-8' }],
    ['a text with a NUL', 'abc\0def', { kind: 'other', mediaType: 'application/octet-stream' }],
  ] as const) {
    it(`knows ${what}`, async () => {
      const bytes = encoder.encode(content)
      expect(await kindOf(bytes, bytes.length)).to.deep.equal(expected)
    })
  }

  for (const [mediaType, hex] of [
    ['image/png', '89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489'],
    ['image/gif', '474946383961010001000000'],
    ['image/webp', '524946462400000057454250565038200000000000000000'],
  ] as const) {
    it(`knows ${mediaType} by its magic bytes`, async () => {
      const bytes = Buffer.from(hex, 'hex')
      expect(await kindOf(bytes, 10_000)).to.deep.equal({ kind: 'image', mediaType })
    })
  }

  it('shows no image that is not of the kinds that every browser decodes', async () => {
    const tiff = Buffer.concat([Buffer.from('49492a00080000000000', 'hex'), Buffer.alloc(64)])
    expect(await kindOf(tiff, tiff.length)).to.deep.equal({
      kind: 'other',
      mediaType: 'image/tiff',
    })
  })
})
