import { expect } from 'chai'
import { type MessagePort, MessagePortStream } from './message-port-stream.ts'
import { MAX_RELAY_MESSAGE_BYTES } from './relay-frames.ts'

const MIB = 1024 * 1024

describe('a WebSocket as a stream of bytes', () => {
  let nowMs = 0
  let bufferedBytes = 0
  let sent: Uint8Array[] = []
  let ends: string[] = []
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  const port: MessagePort = {
    get bufferedBytes() {
      return bufferedBytes
    },
    send: (message) => {
      sent.push(message)
    },
    end: (how) => {
      ends.push(how)
    },
  }

  beforeEach(() => {
    nowMs = bufferedBytes = 0
    sent = []
    ends = []
  })

  function open(direction: 'inbound' | 'outbound' = 'outbound', silentMs = 60_000) {
    return new MessagePortStream({ port, direction, silentMs, clock })
  }

  it('sends in messages no longer than allowed', async () => {
    const stream = open()
    stream.send(new Uint8Array(150_000))
    expect(sent.map(({ length }) => length)).to.deep.equal([
      MAX_RELAY_MESSAGE_BYTES,
      MAX_RELAY_MESSAGE_BYTES,
      150_000 - 2 * MAX_RELAY_MESSAGE_BYTES,
    ])
    await stream.close()
    expect(ends).to.deep.equal(['done'])
  })

  it('keeps back what a full socket has no room for, and goes on when there is room', async () => {
    const stream = open()
    bufferedBytes = 2 * MIB
    expect(stream.send(new Uint8Array(200_000))).to.equal(false)
    expect(sent).to.have.length(1)
    bufferedBytes = 0
    await new Promise((resolve) => {
      stream.addEventListener('idle', resolve)
    })
    expect(sent).to.have.length(4)
    await stream.close()
  })

  it('gives up a peer for whom ever more waits and who takes nothing', () => {
    const stream = open('inbound')
    bufferedBytes = 2 * MIB
    for (let answer = 0; answer < 100 && stream.status === 'open'; answer++) {
      stream.send(new Uint8Array(MIB / 16))
    }
    expect(stream.status).to.equal('aborted')
    expect(ends).to.deep.equal(['failed'])
    expect(sent).to.have.length(1)
  })

  it('gives up a peer that brings nothing for too long, and no other', async () => {
    const silent = open('inbound', 4)
    const heard = open('inbound', 4)
    const ended = new Promise((resolve) => {
      silent.addEventListener('close', resolve)
    })
    nowMs = 4
    heard.take(Uint8Array.of(1))
    await ended
    expect(silent.status).to.equal('aborted')
    expect(heard.status).to.equal('open')
    await heard.close()
  })

  it('counts messages with their heads, masked ones from the side that opened the socket', async () => {
    for (const [direction, sentHead, receivedHead] of [
      ['outbound', 4, 0],
      ['inbound', 0, 4],
    ] as const) {
      const stream = open(direction)
      for (const [payload, head] of [
        [1, 2],
        [126, 4],
        [65_536, 10],
      ] as const) {
        const before = { ...stream.wireBytes }
        stream.send(new Uint8Array(payload))
        stream.take(new Uint8Array(payload))
        const { sentBytes, receivedBytes } = stream.wireBytes
        expect(sentBytes - before.sentBytes).to.equal(payload + head + sentHead)
        expect(receivedBytes - before.receivedBytes).to.equal(payload + head + receivedHead)
      }
      await stream.close()
    }
  })
})
