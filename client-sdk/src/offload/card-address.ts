import { isAbsolute } from 'node:path'
import { OrlopError } from '@orlop/protocol/errors'
import * as z from 'zod'

/** Where a PIN is kept. It is never a part of an address: those are on command lines and in logs. */
export type PinSource = { readonly file: string } | { readonly variable: string }

/** A card as people name it in an option or a configuration file. */
export interface CardAddress {
  readonly kind: 'sdf' | 'pkcs11' | 'auto'
  /** Absolute path of the library; empty for `auto`. */
  readonly library: string
  readonly options: CardAddressOptions
  /** Null for a card that needs none. */
  readonly pin: PinSource | null
}

const KINDS = ['sdf', 'pkcs11', 'auto'] as const

const whole = (max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.int().min(1).max(max))

const addressOptions = z.strictObject({
  /** Tells cards of one kind apart, in messages and manifests. */
  name: z
    .string()
    .regex(/^[\p{L}\p{N}._-]{1,40}$/u, 'is not of 1 to 40 letters, digits, dots, hyphens')
    .optional(),
  token: z.string().min(1).max(64).optional(),
  profile: z.enum(['gmt-0018', 'sansec']).optional(),
  'key-pair': whole(9999).optional(),
  kek: whole(9999).optional(),
  sessions: whole(256).optional(),
  'min-bytes': whole(64 * 1024 * 1024).optional(),
  'pin-file': z.string().min(1).optional(),
  'pin-env': z.string().min(1).optional(),
})

/** Options after the `?`, without those of the PIN. */
export type CardAddressOptions = Omit<z.infer<typeof addressOptions>, 'pin-file' | 'pin-env'>

/** Which options make sense for which cards. */
const OF_KIND: Readonly<Record<CardAddress['kind'], readonly string[]>> = {
  sdf: ['name', 'profile', 'key-pair', 'kek', 'sessions', 'min-bytes', 'pin-file', 'pin-env'],
  pkcs11: ['name', 'token', 'sessions', 'min-bytes', 'pin-file', 'pin-env'],
  auto: Object.keys(addressOptions.shape),
}

/**
 * Reads `sdf:LIBRARY?…`, `pkcs11:LIBRARY?token=…` or `auto?…`. What is after the `?` is percent-encoded as in the address of a page.
 *
 * @throws OrlopError `CONFIG_INVALID` saying what is wrong. It repeats no option's value: somebody may have written a PIN there.
 */
export function parseCardAddress(text: string): CardAddress {
  const [place, query] = splitOnce(text, '?')
  const [kindText, library] = splitOnce(place, ':')
  const kind = KINDS.find((one) => one === kindText)
  if (kind === undefined || (kind === 'auto') !== (place === 'auto')) {
    throw invalid(
      'a card',
      'it is not of the form sdf:LIBRARY, pkcs11:LIBRARY or auto, with options after a question mark',
    )
  }
  if (kind !== 'auto' && !isAbsolute(library)) {
    throw invalid(kind, 'its library is not an absolute path')
  }
  const given = [...new URLSearchParams(query)]
  const names = given.map(([name]) => name)
  const stray = names.find((name, at) => !OF_KIND[kind].includes(name) || names.indexOf(name) < at)
  if (stray !== undefined) throw invalid(kind, strayOption(kind, stray))
  const parsed = addressOptions.safeParse(Object.fromEntries(given))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalid(kind, `${String(issue?.path[0])} ${issue?.message ?? 'is wrong'}`)
  }
  const { 'pin-file': file, 'pin-env': variable, ...options } = parsed.data
  checkTogether(kind, options, { file, variable })
  const pin = file === undefined ? (variable === undefined ? null : { variable }) : { file }
  return { kind, library, options, pin }
}

function checkTogether(
  kind: CardAddress['kind'],
  options: CardAddressOptions,
  { file, variable }: { readonly file: string | undefined; readonly variable: string | undefined },
): void {
  if (file !== undefined && variable !== undefined) {
    throw invalid(kind, 'pin-file and pin-env are both there; one PIN is enough')
  }
  if (kind === 'pkcs11' && options.token === undefined) {
    throw invalid(kind, 'it does not say which token: add token=LABEL')
  }
  const hasPin = file !== undefined || variable !== undefined
  if (kind === 'sdf' && hasPin && options['key-pair'] === undefined) {
    throw invalid(kind, 'a PIN is one of a key pair: add key-pair=INDEX')
  }
}

function strayOption(kind: CardAddress['kind'], name: string): string {
  if (/^(pin|password|passwd)$/i.test(name)) {
    return 'a PIN is not written there, where others can read it: keep it in a file (pin-file=FILE) or in an environment variable (pin-env=NAME)'
  }
  const known = OF_KIND[kind]
  if (known.includes(name)) return `${name} is there twice`
  return `it has an option that there is not; those there are: ${known.join(', ')}`
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function invalid(what: string, why: string): OrlopError {
  const subject = what === 'a card' ? 'The card' : `The card ${what}:…`
  return new OrlopError(
    'CONFIG_INVALID',
    `${subject} cannot be used: ${why}. See docs/cards.md, "Seal with a card".`,
  )
}
