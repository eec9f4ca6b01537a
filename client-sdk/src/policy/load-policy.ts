import { readFile, stat } from 'node:fs/promises'

import { OrlopError } from '@orlop/protocol/errors'

import { MAX_POLICY_BYTES, parsePolicy } from './parse-policy.ts'
import type { Policy } from './schema.ts'

/** The policy that comes with Orlop, beside this package's sources and in what is published. */
export const DEFAULT_POLICY_URL = new URL('../../default-policy.yaml', import.meta.url)

/**
 * Reads and checks a policy file; without one, the default policy for ship data.
 *
 * @param file path or URL of a YAML file of at most 256 KiB.
 * @throws OrlopError `POLICY_INVALID` when it cannot be read or is not a policy; the message names file, line and column.
 */
export async function loadPolicy(file: string | URL = DEFAULT_POLICY_URL): Promise<Policy> {
  const name = file instanceof URL ? file.pathname : file
  return parsePolicy(await readPolicyText(file, name), name)
}

async function readPolicyText(file: string | URL, name: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size <= MAX_POLICY_BYTES) return await readFile(file, 'utf8')
  } catch (cause) {
    throw new OrlopError(
      'POLICY_INVALID',
      `The policy file ${name} cannot be read. Check its path and its permissions.`,
      { cause, details: { file: name } },
    )
  }
  throw new OrlopError(
    'POLICY_INVALID',
    `The policy file ${name} is longer than ${MAX_POLICY_BYTES} bytes. Use fewer rules.`,
    { details: { file: name } },
  )
}
