import { OrlopError } from '@orlop/protocol/errors'

/** A chunk that holds more than its manifest declares. */
export function tooLong(plainBytes: number, cause?: unknown): OrlopError {
  return new OrlopError(
    'DECOMPRESSION_LIMIT',
    `A chunk decompresses to more than the ${plainBytes} bytes that the manifest declares. It was made to exhaust memory; do not open this object.`,
    { cause, details: { plainBytes } },
  )
}

/** A chunk that holds less. */
export function tooShort(foundBytes: number, plainBytes: number): OrlopError {
  return new OrlopError(
    'OBJECT_DAMAGED',
    `A chunk decompresses to ${foundBytes} bytes where the manifest declares ${plainBytes}. Its author wrote it wrongly; store the object again.`,
    { details: { plainBytes } },
  )
}

/** A chunk that is no Zstandard frame. */
export function notReadable(bodyBytes: number, cause?: unknown): OrlopError {
  return new OrlopError(
    'OBJECT_DAMAGED',
    'A chunk cannot be decompressed. Its author wrote it wrongly; store the object again.',
    { cause, details: { bodyBytes } },
  )
}
