import { expect } from 'chai'
import { decodeText } from './decode-text.ts'
import { revealControls } from './reveal-controls.ts'

describe('decodeText', () => {
  it('leaves out a character that the end of the part cut', () => {
    const bytes = new TextEncoder().encode('航行')
    expect(decodeText(bytes.subarray(0, 5), 'utf-8', false)).to.deep.equal({
      text: '航',
      invalid: 0,
    })
  })

  it('counts bytes that are no text', () => {
    const bytes = Buffer.from([0x61, 0xff, 0x62, 0xc3])
    expect(decodeText(bytes, 'utf-8', true)).to.deep.equal({ text: 'a\ufffdb\ufffd', invalid: 2 })
  })

  it('reads UTF-16 and GB 18030', () => {
    const utf16 = Buffer.from([0xff, 0xfe, 0x61, 0, 0x2a, 0x82])
    expect(decodeText(utf16, 'utf-16le', true).text).to.equal('a航')
    expect(
      decodeText(Buffer.from('bABDD0D0'.slice(1), 'hex'), 'gb18030', true).text,
    ).to.have.length(2)
  })
})

describe('revealControls', () => {
  it('leaves text of any script as it is', () => {
    const text = 'Plan\t航次 – ١٢٣ שלום a\u200db\u200cc 👩‍✈️\nnext\n'
    expect(revealControls(text)).to.deep.equal({ text, directions: 0, hidden: 0 })
  })

  it('shows what turns the direction of writing around by name', () => {
    const { text, directions } = revealControls('exe.\u202egpj\u202c \u2066x\u2069 \u200f')
    expect(text).to.equal('exe.‹RLO›gpj‹PDF› ‹LRI›x‹PDI› ‹RLM›')
    expect(directions).to.equal(5)
  })

  it('shows control characters and invisible ones', () => {
    const { text, hidden } = revealControls('a\0b\u001bc\u007fd\u0085e\u200bf\ufeffg\u{e0041}h')
    expect(text).to.equal('a‹U+0000›b‹U+001B›c‹U+007F›d‹U+0085›e‹U+200B›f‹U+FEFF›g‹U+E0041›h')
    expect(hidden).to.equal(7)
  })

  it('has one kind of line end', () => {
    expect(revealControls('a\r\nb\rc\n').text).to.equal('a\nb\nc\n')
  })
})
