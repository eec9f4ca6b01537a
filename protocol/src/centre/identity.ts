import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { OrlopError } from '../errors.ts'

/** Who somebody is to a key management centre, all in PEM. */
export interface Identity {
  /** PKCS #8. Only its owner may ever have it. */
  readonly privateKey: string
  readonly certificate: string
  /** The certificate of the centre's authority: what the centre itself is recognised by. */
  readonly authority: string
}

const BLOCK = /-----BEGIN ([A-Z ]+)-----[\s\S]*?-----END \1-----\n?/g
const MAX_CHARACTERS = 64 * 1024

/** An identity as the text of one file. */
export function formatIdentity({ privateKey, certificate, authority }: Identity): string {
  return [privateKey, certificate, authority].map((block) => `${block.trim()}\n`).join('')
}

/**
 * Reads what {@link formatIdentity} wrote: a private key, its certificate, and the authority's, in this order.
 *
 * @throws OrlopError `CONFIG_INVALID`; the message repeats nothing of the text.
 */
export function parseIdentity(text: string, name: string): Identity {
  const blocks = [...text.slice(0, MAX_CHARACTERS).matchAll(BLOCK)].map(([block]) => block)
  const [privateKey = '', certificate = '', authority = ''] = blocks
  try {
    const isPair = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey))
    const { ca: isAuthority } = new X509Certificate(authority)
    if (blocks.length === 3 && isPair && isAuthority) return { privateKey, certificate, authority }
  } catch {
    // What was underneath may show parts of the key.
  }
  throw new OrlopError(
    'CONFIG_INVALID',
    `${name} is no identity: expected a private key, its certificate and that of the centre's authority, in PEM, in this order.`,
  )
}

/** @throws OrlopError `CONFIG_INVALID` when the file is missing or is no identity */
export async function readIdentity(path: string): Promise<Identity> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new OrlopError('CONFIG_INVALID', `The identity ${path} cannot be read. Check the path.`, {
      cause,
    })
  })
  return parseIdentity(text, path)
}
