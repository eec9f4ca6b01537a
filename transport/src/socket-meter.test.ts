import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { expect } from 'chai'
import { SocketMeter } from './socket-meter.ts'

class FakeSocket extends EventEmitter {
  bytesRead = 0
  bytesWritten = 0
  isDestroyed = false

  destroy(): void {
    this.isDestroyed = true
    this.emit('close')
  }
}

describe('socket meter', () => {
  let nowMs: number
  let meter: SocketMeter

  beforeEach(() => {
    nowMs = 0
    const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
    meter = new SocketMeter({ clock, silentMs: 60_000 })
  })

  function add(): FakeSocket {
    const socket = new FakeSocket()
    meter.add(socket as unknown as Socket)
    return socket
  }

  it('counts open and closed sockets', () => {
    const [one, two] = [add(), add()]
    Object.assign(one, { bytesRead: 5, bytesWritten: 7 })
    Object.assign(two, { bytesRead: 10, bytesWritten: 1 })
    one.destroy()
    expect(meter.wireBytes).to.deep.equal({ sentBytes: 8, receivedBytes: 15 })
  })

  it('ends a socket that receives nothing, and no other', () => {
    const [silent, alive] = [add(), add()]
    for (let step = 0; step < 5; step++) {
      meter.endSilent()
      nowMs += 15_000
      alive.bytesRead += 1
      silent.bytesWritten += 1_000
    }
    meter.endSilent()
    expect(silent.isDestroyed).to.equal(true)
    expect(alive.isDestroyed).to.equal(false)
  })
})
