import { expect } from 'chai'
import { parseLine } from './parse-line.ts'
import { sentenceOf, tagBlockOf } from './sentences.fixture.ts'

const kindOfLine = (line: string) => parseLine(Buffer.from(line, 'latin1')).kind

describe('parseLine', () => {
  it('reads a sentence of a real log', () => {
    expect(parseLine(Buffer.from('$GPGLL,6005.071,N,02332.346,E,095559,A,D*43'))).to.deep.equal({
      kind: 'sentence',
      sentence: {
        address: 'GPGLL',
        fields: ['6005.071', 'N', '02332.346', 'E', '095559', 'A', 'D'],
      },
    })
  })

  for (const [what, line] of [
    ['any talker', sentenceOf('GNGGA,,,,,,0,,,,,,,,')],
    ["a maker's own sentence", sentenceOf('PGRME,15.0,M,45.0,M,25.0,M')],
    ['a sentence without fields', sentenceOf('PTEST')],
    ['packed bits after !', sentenceOf('AIVDM,1,1,,A,15M67F0000G?ufbE`FepT@3n00Sa,0', '!')],
    ['a checksum in small letters', '$IIHDT,,T*0c'],
    ['spaces at the end', `${sentenceOf('IIHDT,,T')}  \r`],
    ['a time of the recorder', `2022-03-22T09:55:59.123Z ${sentenceOf('IIHDT,,T')}`],
    ['a tag block', `${tagBlockOf('s:GN0001,c:1647942959')}${sentenceOf('IIHDT,,T')}`],
    ['two tag blocks', `${tagBlockOf('g:1-2-7')}${tagBlockOf('s:A')}${sentenceOf('IIHDT,,T')}`],
  ] as const) {
    it(`takes ${what}`, () => {
      expect(kindOfLine(line)).to.equal('sentence')
    })
  }

  for (const [what, line, kind] of [
    ['a wrong checksum', '$IIHDT,,T*0D', 'bad-checksum'],
    ['a tag block with a wrong checksum', `\\s:A*00\\${sentenceOf('IIHDT,,T')}`, 'bad-checksum'],
    ['a tag block without a checksum', `\\s:A\\${sentenceOf('IIHDT,,T')}`, 'bad-checksum'],
    ['a sentence without a checksum', '$IIHDT,,T', 'no-sentence'],
    ['a checksum of one digit', '$IIHDT,,T*0', 'no-sentence'],
    [
      'a sentence that was cut by the next one',
      `$GPGLL,60${sentenceOf('IIHDT,,T')}`,
      'no-sentence',
    ],
    ['characters after the checksum', `${sentenceOf('IIHDT,,T')}x`, 'no-sentence'],
    ['a start that its kind does not have', sentenceOf('IIHDT,,T', '!'), 'no-sentence'],
    ['packed bits after $', sentenceOf('AIVDM,1,1,,A,x,0'), 'no-sentence'],
    ['a byte that is no ASCII', '$IIHDT,\u00e4,T*0C', 'no-sentence'],
    ['a NUL', '$IIHDT,\0,T*0C', 'no-sentence'],
    ['a comment', '# log of the bridge', 'no-sentence'],
    ['nothing', '', 'blank'],
    ['spaces', ' \t ', 'blank'],
  ] as const) {
    it(`does not take ${what}`, () => {
      expect(kindOfLine(line)).to.equal(kind)
    })
  }
})
