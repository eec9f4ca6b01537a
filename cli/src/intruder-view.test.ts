import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { PNG } from 'pngjs'
import { intruderView } from './intruder-view.ts'

describe('the intruder’s view', () => {
  it('of a picture is an image file whose pixels are the sealed bytes', () => {
    const sealed = randomBytes(10_000)
    const { fileName, bytes } = intruderView('quay photo.jpg', sealed, true)
    expect(fileName).to.equal('quay_photo.jpg.scrambled.png')
    const image = PNG.sync.read(Buffer.from(bytes))
    const shown = Buffer.alloc(10_000)
    for (let at = 0; at < shown.length; at++)
      shown[at] = image.data[Math.floor(at / 3) * 4 + (at % 3)]!
    expect(shown.equals(sealed)).to.equal(true)
  })

  it('of anything else is text that holds every printable sealed byte', () => {
    const { fileName, bytes } = intruderView(
      '航行计划.txt',
      new Uint8Array([65, 0, 66, 255]),
      false,
    )
    expect(fileName).to.equal('航行计划.txt.garbled.txt')
    expect(new TextDecoder().decode(bytes)).to.equal('A·Bÿ\n')
  })

  it('cannot leave its folder by the object’s name', () => {
    expect(intruderView('../../etc/passwd', new Uint8Array(1), false).fileName).to.not.contain('/')
  })

  it('of an empty strip is still a file', () => {
    expect(
      PNG.sync.read(Buffer.from(intruderView('x', new Uint8Array(), true).bytes)).width,
    ).to.equal(1)
  })
})
