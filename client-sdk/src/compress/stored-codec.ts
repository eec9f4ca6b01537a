import { OrlopError } from '@orlop/protocol/errors'

import type { Codec } from './codec.ts'

/** Leaves chunks as they are. */
export const storedCodec: Codec = {
  name: 'stored',
  compress: (plain) => plain,
  decompress(body, plainBytes) {
    if (body.length === plainBytes) return body
    throw new OrlopError(
      body.length > plainBytes ? 'DECOMPRESSION_LIMIT' : 'OBJECT_DAMAGED',
      `A stored chunk has ${body.length} bytes where the manifest declares ${plainBytes}. Its author wrote it wrongly; store the object again.`,
      { details: { bodyBytes: body.length, plainBytes } },
    )
  },
}
