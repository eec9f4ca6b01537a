import type { SuiteName } from '../../format/header.ts'

/**
 * From how many bytes of a chunk on a card is worth its calls, by suite: where three calls at a time overtake one
 * thread of software, in `npm run bench -- offload` (SoftHSM for GCM, the test device for SM4; docs/benchmarks.md).
 * OpenSSL has instructions of the processor for AES and none for SM4, hence the difference. Another card has other
 * numbers: they can be configured.
 */
export const OFFLOAD_MIN_BYTES: Readonly<Record<SuiteName, number>> = {
  'aes-256-gcm': 1024 * 1024,
  // No card has it.
  'xchacha20-poly1305': Infinity,
  'sm4-ctr-hmac-sm3': 16 * 1024,
  // Not measured: as of the other suite of SM4. Software makes its GHASH in JavaScript, so a card is worth it earlier, if anything.
  'sm4-gcm': 16 * 1024,
}
