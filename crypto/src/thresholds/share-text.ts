import { base32nopad } from '@scure/base'

import { concat } from '../bytes.ts'
import { MalformedError } from '../errors.ts'
import { sha256 } from '../hash.ts'
import { SHARE_SET_ID_BYTES, SHARED_SECRET_BYTES, type SecretShare } from './secret-shares.ts'

const PREFIX = 'orlop-share:'
const VERSION = 1
const CHECK_BYTES = 4
const GROUP_LETTERS = 4
const HEAD_BYTES = 1 + SHARE_SET_ID_BYTES + 1
const LEAST_BYTES = HEAD_BYTES + SHARED_SECRET_BYTES.min + 1 + CHECK_BYTES
const MOST_BYTES = HEAD_BYTES + SHARED_SECRET_BYTES.max + 1 + CHECK_BYTES
const MOST_LETTERS = 512

/**
 * Writes a share for paper: a prefix, then base32 in groups of four, with four check bytes, so that a slip of the pen is noticed where
 * it is made.
 */
export function formatShare({ setId, index, bytes }: SecretShare): string {
  const body = concat(Uint8Array.of(VERSION), setId, Uint8Array.of(index), bytes)
  const checked = concat(body, sha256(body).subarray(0, CHECK_BYTES))
  const letters = base32nopad.encode(checked).toLowerCase()
  return PREFIX + (letters.match(new RegExp(`.{1,${String(GROUP_LETTERS)}}`, 'g')) ?? []).join('-')
}

/**
 * Reads a share back. Case, spaces and hyphens do not matter.
 *
 * @throws MalformedError when it is no share, or a letter is wrong. The message does not repeat it.
 */
export function parseShare(text: string): SecretShare {
  const letters = text.slice(0, MOST_LETTERS).toLowerCase().replaceAll(/[\s-]/g, '')
  const plain = letters.replace(PREFIX.replaceAll('-', ''), '')
  let checked: Uint8Array
  try {
    checked = base32nopad.decode(plain.toUpperCase())
  } catch {
    throw notAShare()
  }
  if (checked.length < LEAST_BYTES || checked.length > MOST_BYTES) throw notAShare()
  const body = checked.subarray(0, -CHECK_BYTES)
  const check = sha256(body).subarray(0, CHECK_BYTES)
  if (!check.every((byte, at) => byte === checked[body.length + at])) throw notAShare()
  if (body[0] !== VERSION || body[HEAD_BYTES - 1] === 0) throw notAShare()
  return {
    setId: body.slice(1, 1 + SHARE_SET_ID_BYTES),
    index: body[HEAD_BYTES - 1] ?? 0,
    bytes: body.slice(HEAD_BYTES),
  }
}

function notAShare(): MalformedError {
  return new MalformedError(
    `this is no share: expected ${PREFIX} and groups of ${String(GROUP_LETTERS)} letters; compare it with the copy letter by letter`,
  )
}
