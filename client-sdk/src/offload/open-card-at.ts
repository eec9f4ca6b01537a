import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import { CardError, CardPinError } from '@orlop/crypto/cards/card-errors'
import { OrlopError } from '@orlop/protocol/errors'
import type { CardAddress, PinSource } from './card-address.ts'
import { cardUnavailable } from './card-unavailable.ts'

/** Where vendors and packages put their libraries. Tokens of PKCS #11 are looked for by their label only. */
const WELL_KNOWN = {
  sdf: [
    { library: '/usr/lib/libsdf.so', profile: 'gmt-0018' },
    { library: '/usr/lib64/libsdf.so', profile: 'gmt-0018' },
    { library: '/usr/local/lib/libsdf.so', profile: 'gmt-0018' },
    { library: '/usr/lib/libswsds.so', profile: 'sansec' },
    { library: '/usr/lib64/libswsds.so', profile: 'sansec' },
    { library: '/usr/local/lib/libswsds.so', profile: 'sansec' },
  ],
  pkcs11: [
    '/usr/safenet/lunaclient/lib/libCryptoki2_64.so',
    '/opt/nfast/toolkits/pkcs11/libcknfast.so',
    '/opt/cloudhsm/lib/libcloudhsm_pkcs11.so',
    '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so',
    '/usr/lib64/opensc-pkcs11.so',
    '/usr/lib/softhsm/libsofthsm2.so',
  ],
} as const

/** What an address needs of the program's surroundings. */
export interface CardSurroundings {
  /** Environment variables, for `pin-env`. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where a relative `pin-file` begins, absolute. */
  readonly folder: string
  /** Told, for `auto`, of every library that is there and gives no card. */
  readonly onNotice: (message: string) => void
  /** Whether a file is there; asks the disk when left out. */
  readonly exists?: (path: string) => boolean
}

/**
 * Opens the card that an address names. The caller closes it.
 *
 * @returns null for `auto` where no card is found.
 * @throws OrlopError `CARD_UNAVAILABLE` when it cannot be opened; its cause is the `CardError`. `CONFIG_INVALID` when the PIN cannot
 *   be read or an option is impossible for the device.
 */
export async function openCardAt(
  address: CardAddress,
  surroundings: CardSurroundings,
): Promise<CryptoCard | null> {
  const pin = address.pin === null ? null : await readPin(address.pin, surroundings)
  if (address.kind !== 'auto') return openOne(address, pin)
  const { exists = existsSync, onNotice } = surroundings
  for (const candidate of candidatesOf(address).filter(({ library }) => exists(library))) {
    try {
      return await openOne(candidate, pin)
    } catch (error) {
      // A refused PIN counts on the device: it is not shown to another.
      if (!(error instanceof OrlopError) || error.cause instanceof CardPinError) throw error
      onNotice(`${candidate.library} gives no card: ${error.message}`)
    }
  }
  return null
}

function candidatesOf(address: CardAddress): CardAddress[] {
  const { token, profile: wanted, ...rest } = address.options
  const devices = WELL_KNOWN.sdf.map(({ library, profile }) => {
    const options = { ...rest, profile: wanted ?? profile }
    return { ...address, kind: 'sdf', library, options } as const
  })
  if (token === undefined) return devices
  const tokens = WELL_KNOWN.pkcs11.map((library) => {
    return { ...address, kind: 'pkcs11', library, options: { ...rest, token } } as const
  })
  return [...tokens, ...devices]
}

async function openOne(address: CardAddress, pin: string | null): Promise<CryptoCard> {
  try {
    return await (address.kind === 'sdf' ? openSdf(address, pin) : openToken(address, pin))
  } catch (error) {
    if (error instanceof CardError) {
      const { message, card } = error
      throw cardUnavailable(`${message.charAt(0).toUpperCase()}${message.slice(1)}.`, card, error)
    }
    if (!(error instanceof RangeError)) throw error
    throw new OrlopError('CONFIG_INVALID', `The card cannot be used: ${error.message}.`, {
      cause: error,
    })
  }
}

// Drivers are loaded where there is a card to open: every command would wait for them otherwise.
async function openSdf({ library, options }: CardAddress, pin: string | null): Promise<CryptoCard> {
  const { openSdfCard } = await import('@orlop/crypto/cards/sdf/open-sdf-card')
  const { name, profile, kek, sessions, 'key-pair': keyPair } = options
  return openSdfCard({
    library,
    ...(name !== undefined && { name }),
    ...(profile !== undefined && { profile }),
    ...(keyPair !== undefined && { keyPair }),
    ...(kek !== undefined && { kek }),
    ...(sessions !== undefined && { maxSessions: sessions }),
    ...(pin !== null && keyPair !== undefined && { pins: { [keyPair]: pin } }),
  })
}

async function openToken(
  { library, options }: CardAddress,
  pin: string | null,
): Promise<CryptoCard> {
  const { openPkcs11Card } = await import('@orlop/crypto/cards/pkcs11/open-pkcs11-card')
  const { name, token = '', sessions } = options
  return openPkcs11Card({
    library,
    token,
    pin,
    ...(name !== undefined && { name }),
    ...(sessions !== undefined && { maxSessions: sessions }),
  })
}

async function readPin(source: PinSource, surroundings: CardSurroundings): Promise<string> {
  const pin =
    'file' in source
      ? await firstLineOf(resolve(surroundings.folder, source.file))
      : surroundings.env[source.variable]
  if (pin !== undefined && pin !== '') return pin
  const where = 'file' in source ? `file ${source.file}` : `environment variable ${source.variable}`
  throw new OrlopError('CONFIG_INVALID', `The ${where} holds no PIN. Put the card's PIN there.`)
}

async function firstLineOf(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new OrlopError('CONFIG_INVALID', `The PIN file ${path} cannot be read. Check the path.`, {
      cause,
    })
  })
  return text.split(/\r?\n/)[0]
}
