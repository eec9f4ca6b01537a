import type { ApplicationRequest, Custody, Recipient } from '@orlop/client-sdk/index'
import { encodeHex } from '@orlop/crypto/bytes'
import { parseSm2PublicKey } from '@orlop/crypto/cards/sm2/pem'
import { CryptoError } from '@orlop/crypto/errors'
import { OrlopError } from '@orlop/protocol/errors'
import { parseRecipient, parseWhole } from './parse-options.ts'
import { readText } from './read-text.ts'

/** What the options say about who keeps an object's key. */
export interface KeeperFlags {
  application?: string
  applicationOnly?: boolean
  custodian?: string[]
  threshold?: string
  custodyKey?: string
}

/** `APP` or `APP/KEY` as the SDK takes it. @throws OrlopError `USAGE` when it is neither. */
export function parseApplication(option: string, text: string): { appId: string; keyId?: string } {
  const match = /^([a-z0-9][a-z0-9-]{0,62})(?:\/([a-z0-9][a-z0-9-]{0,62}))?$/.exec(text)
  const [, appId, keyId] = match ?? []
  if (appId !== undefined) return keyId === undefined ? { appId } : { appId, keyId }
  throw new OrlopError(
    'USAGE',
    `${option} takes APP or APP/KEY, in small letters, digits and hyphens; not '${text}'.`,
  )
}

/** The application that an object is sealed for. @throws OrlopError `USAGE` naming the option that is wrong. */
export function applicationOf({ application, applicationOnly }: KeeperFlags): {
  application?: ApplicationRequest
} {
  const exclusive = applicationOnly === true
  if (application !== undefined) {
    return { application: { ...parseApplication('--application', application), exclusive } }
  }
  if (!exclusive) return {}
  throw new OrlopError('USAGE', '--application-only goes with --application, which says which.')
}

/**
 * Who keeps the key of an object at level 3.
 *
 * @returns the custodians twice: for the policy by their numbers, and as they were named, perhaps with the keys they are pinned to.
 * @throws OrlopError `USAGE` naming the option that is wrong.
 */
export async function custodyOf({ custodian, threshold, custodyKey }: KeeperFlags): Promise<{
  custody: Custody | undefined
  custodians: Recipient[]
}> {
  if (custodyKey !== undefined) {
    if (custodian === undefined && threshold === undefined) {
      const sm2Key = encodeHex(await readSm2PublicKey('--custody-key', custodyKey))
      return { custody: { sm2Key }, custodians: [] }
    }
    throw new OrlopError('USAGE', 'Give either custodians with --threshold, or --custody-key.')
  }
  if (custodian === undefined && threshold === undefined) {
    return { custody: undefined, custodians: [] }
  }
  if (custodian === undefined || threshold === undefined) {
    throw new OrlopError('USAGE', '--custodian and --threshold go together: who, and how many.')
  }
  const custodians = custodian.map((text) => parseRecipient('--custodian', text))
  const numbers = custodians.map((one) => (typeof one === 'number' ? one : one.clientId))
  const custody = { threshold: parseWhole('--threshold', threshold), custodians: numbers }
  return { custody, custodians }
}

/** An SM2 public key (65 bytes) from a PEM file. @throws OrlopError `USAGE` when it cannot be read or is none. */
export async function readSm2PublicKey(option: string, file: string): Promise<Uint8Array> {
  return parsePem(option, file, parseSm2PublicKey)
}

/** Parses a PEM file; nothing of it is repeated. @throws OrlopError `USAGE`. */
export async function parsePem<T>(
  option: string,
  file: string,
  parse: (pem: string) => T,
): Promise<T> {
  const pem = await readText(option, file)
  try {
    return parse(pem)
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause
    throw new OrlopError('USAGE', `${option}: ${file} cannot be used: ${cause.message}.`)
  }
}
