import { encodeUtf8 } from '@orlop/crypto/bytes'
import { sha256 } from '@orlop/crypto/hash'
import { OrlopError } from '@orlop/protocol/errors'
import canonicalize from 'canonicalize'
import * as z from 'zod'
import {
  type Evidence,
  evidence,
  EVIDENCE_FORMAT,
  EVIDENCE_VERSION,
  type EvidenceContent,
  evidenceContent,
  MAX_EVIDENCE_BYTES,
} from './evidence-format.ts'

/** What every version of the format has. */
const envelope = z.looseObject({ format: z.literal(EVIDENCE_FORMAT), version: z.int() })

/**
 * The bytes of an evidence file: RFC 8785 (JSON Canonicalization Scheme), UTF-8, nothing before and nothing after.
 *
 * @throws OrlopError `LIMIT_EXCEEDED` when the file would be too large.
 */
export function encodeEvidence(value: Evidence): Uint8Array {
  const bytes = encodeUtf8(canonical(z.encode(evidence, value)))
  if (bytes.length <= MAX_EVIDENCE_BYTES) return bytes
  throw new OrlopError(
    'LIMIT_EXCEEDED',
    `The evidence has ${bytes.length} bytes, more than the ${MAX_EVIDENCE_BYTES} of one file. Export a shorter period, or fewer objects.`,
  )
}

/**
 * Reads an evidence file. Its form is checked, nothing that it says.
 *
 * @throws OrlopError `MESSAGE_TOO_LARGE`; `MALFORMED_MESSAGE` when it is cut off, is something else, or was changed or formatted
 *   anew; `VERSION_UNSUPPORTED` when it is of another version.
 */
export function decodeEvidence(bytes: Uint8Array): Evidence {
  if (bytes.length > MAX_EVIDENCE_BYTES) {
    throw new OrlopError(
      'MESSAGE_TOO_LARGE',
      `The file has ${bytes.length} bytes; evidence has at most ${MAX_EVIDENCE_BYTES}. Check that it is the file 'orlop export' wrote.`,
    )
  }
  const { text, json } = parseJson(bytes)
  assertVersion(json)
  const value = decodeFields(json)
  // The one writing that the signature is over: another order, spacing or number form means that somebody rewrote the file.
  if (canonical(z.encode(evidence, value)) === text) return value
  throw malformed('is not in its canonical form: somebody changed it or formatted it anew')
}

/** What the exporting client signs: SHA-256 of the canonical form without the signature. */
export function contentHashOf(content: EvidenceContent): Uint8Array {
  return sha256(encodeUtf8(canonical(z.encode(evidenceContent, content))))
}

/** RFC 8785. */
export function canonical(json: unknown): string {
  const text = canonicalize(json)
  if (text === undefined) throw new TypeError('json: expected a JSON value')
  return text
}

function parseJson(bytes: Uint8Array): { text: string; json: unknown } {
  try {
    // A byte order mark is a change too, and must not be skipped.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { text, json: JSON.parse(text) }
  } catch (cause) {
    throw malformed('is not whole JSON: it is cut off, damaged, or something else', cause)
  }
}

function assertVersion(json: unknown): void {
  const found = envelope.safeParse(json)
  if (!found.success) throw malformed('is JSON, but no evidence', found.error)
  if (found.data.version === EVIDENCE_VERSION) return
  throw new OrlopError(
    'VERSION_UNSUPPORTED',
    `The file is evidence of version ${found.data.version}; this program reads version ${EVIDENCE_VERSION}. Use the version of Orlop that wrote it, or a newer one.`,
  )
}

function decodeFields(json: unknown): Evidence {
  try {
    // The form is not known before it is checked: z.decode would want its type.
    return evidence.parse(json)
  } catch (cause) {
    const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined
    const place = issue === undefined ? '' : ` at ${issue.path.join('.')} (${issue.message})`
    throw malformed(`does not have the form of evidence${place}`, cause)
  }
}

function malformed(finding: string, cause?: unknown): OrlopError {
  return new OrlopError(
    'MALFORMED_MESSAGE',
    `The file ${finding}. Get it again from whoever exported it.`,
    { cause },
  )
}
