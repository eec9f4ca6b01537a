import { OrlopError } from '@orlop/protocol/errors'

const FULL = new Set(['ENOSPC', 'EDQUOT'])

/** The system's code of a failed file call; empty when `error` is something else. */
export function systemCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

/** Turns a failed write into what the rest of the node understands. */
export function diskError(error: unknown, what: string): unknown {
  if (!FULL.has(systemCode(error))) return error
  return new OrlopError(
    'DISK_FULL',
    `The disk has no room for ${what}. Free some, or give the node another folder; what was acknowledged is safe.`,
    { cause: error },
  )
}

/** Runs a file call; null when the file does not exist. */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}
