import { fetchRequest } from '@orlop/protocol/wire/fetch'
import type { ChannelHandler } from '@orlop/transport/transport'
import type { NodeParts } from '../network/node-parts.ts'
import { receiveValue, sendData, sendValue } from '../network/wire.ts'

/**
 * `fetch`: a range of a strip, verified against its tree as it is read. Any admitted client or node may ask: what is stored is noise
 * without the client's keys. `endBytes` counts the bytes of the range.
 */
export function createFetchHandler({ storage, meter }: NodeParts): ChannelHandler {
  return async (channel) => {
    const { objectId, clientId, index, ...range } = await receiveValue(channel, fetchRequest)
    const { record, reader } = await storage.strips.openReader({ objectId, clientId, index })
    try {
      await sendValue(channel, { stripBytes: reader.stripBytes, commit: record.commit })
      const offsetBytes = Math.min(range.offsetBytes, reader.stripBytes)
      const lengthBytes = Math.min(range.lengthBytes, reader.stripBytes - offsetBytes)
      for await (const data of reader.read(offsetBytes, lengthBytes)) {
        await sendData(channel, data)
        meter.add('fetched_bytes_total', data.length)
      }
      await sendValue(channel, { endBytes: lengthBytes })
    } finally {
      await reader.close()
    }
  }
}
