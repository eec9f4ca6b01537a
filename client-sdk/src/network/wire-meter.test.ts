import { expect } from 'chai'
import { WireMeter } from './wire-meter.ts'

describe('wire meter', () => {
  it('gives everything on the wire to the one work that is measured', () => {
    const wire = { sentBytes: 1_000, receivedBytes: 500 }
    const share = new WireMeter(() => wire).begin()
    wire.sentBytes += 300
    wire.receivedBytes += 40
    share.sent(250)
    expect(share.total()).to.deep.equal({ sentBytes: 300, receivedBytes: 40 })
  })

  it('splits what two works cause together in proportion to what each sent', () => {
    const wire = { sentBytes: 0, receivedBytes: 0 }
    const meter = new WireMeter(() => wire)
    const large = meter.begin()
    const small = meter.begin()
    wire.sentBytes += 1_100
    wire.receivedBytes += 110
    large.sent(900)
    small.sent(100)
    expect(large.total()).to.deep.equal({ sentBytes: 990, receivedBytes: 99 })
    expect(small.total()).to.deep.equal({ sentBytes: 110, receivedBytes: 11 })
  })

  it('counts nothing before a work begins and after it ends', () => {
    const wire = { sentBytes: 0, receivedBytes: 0 }
    const meter = new WireMeter(() => wire)
    wire.sentBytes += 10
    const share = meter.begin()
    wire.sentBytes += 20
    share.end()
    wire.sentBytes += 40
    expect(share.total().sentBytes).to.equal(20)
  })
})
