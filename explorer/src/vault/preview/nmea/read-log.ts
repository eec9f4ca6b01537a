import { readAll, type ReadHead, type ReadingOptions } from '../preview-source.ts'
import { type LogSummary, NmeaLog } from './nmea-log.ts'

/** Read in one go, before the page gets its turn again: some hundredths of a second. */
const SLICE_BYTES = 256 * 1024

/** Reads a log of NMEA 0183 sentences from its beginning to its end. The page stays usable meanwhile. */
export async function readLog(reading: ReadHead, options: ReadingOptions): Promise<LogSummary> {
  const log = new NmeaLog()
  for await (const piece of readAll(reading, options)) {
    for (let start = 0; start < piece.length; start += SLICE_BYTES) {
      options.signal.throwIfAborted()
      log.push(piece.subarray(start, start + SLICE_BYTES))
      await nextTask()
    }
  }
  return log.finish()
}

/** Lets the page answer its user first. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
