import { destination, pino, type Logger as PinoLogger } from 'pino'
import type { Logger } from '@orlop/protocol/logger'

export interface LogOptions {
  /** File to append to; stderr when absent. */
  file?: string
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

/** A log of JSON lines. Results go to stdout, so the log never does. */
export function createLog(options: LogOptions): Logger {
  const { file, level } = options
  const target =
    file === undefined ? destination(2) : destination({ dest: file, mkdir: true, sync: false })
  return adapt(pino({ level, base: null }, target))
}

function adapt(log: PinoLogger): Logger {
  return {
    debug: (fields, message) => {
      log.debug(fields, message)
    },
    info: (fields, message) => {
      log.info(fields, message)
    },
    warn: (fields, message) => {
      log.warn(fields, message)
    },
    error: (fields, message) => {
      log.error(fields, message)
    },
    child: (fields) => adapt(log.child(fields)),
  }
}
