import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import {
  CardReleaseOpener,
  CentreApplicationKeys,
  type Keyring,
  parseCardAddress,
  readIdentity,
  requireCardAt,
} from '@orlop/client-sdk/index'
import { formatIdentity, type Identity } from '@orlop/protocol/centre/identity'
import { OrlopError } from '@orlop/protocol/errors'
import type { CliContext } from './context.ts'

const schema = z.strictObject({
  url: z.url(),
  requesterId: z.string(),
  /** The card that the centre wraps keys to, where it does. */
  card: z
    .strictObject({
      address: z.string(),
      /** Its SM2 key. */
      keyName: z.string(),
      /** Where a relative `pin-file` begins. */
      folder: z.string(),
    })
    .optional(),
})

/** Which key management centre a client obtains its application's keys from, and by which name that knows it. */
export type ApplicationCentre = z.infer<typeof schema>

const settingsFile = (clientHome: string) => join(clientHome, 'application-centre.json')
const identityFile = (clientHome: string) => join(clientHome, 'application-centre.pem')

/** Joins a client's home to a centre, or to another one. */
export async function joinApplicationCentre(
  clientHome: string,
  centre: ApplicationCentre,
  identity: Identity,
): Promise<void> {
  await mkdir(clientHome, { recursive: true })
  await replace(identityFile(clientHome), formatIdentity(identity))
  await replace(settingsFile(clientHome), `${JSON.stringify(centre, null, 2)}\n`)
}

/**
 * The keys of the centre that a client's home is joined to; null when it is joined to none.
 *
 * @param env - environment variables, for a card's `pin-env`.
 * @throws OrlopError `CONFIG_INVALID`
 */
export async function openApplicationKeys(
  clientHome: string,
  { keySets }: Keyring,
  env: CliContext['env'],
): Promise<CentreApplicationKeys | null> {
  const path = settingsFile(clientHome)
  const [keySet] = keySets
  if (!existsSync(path) || keySet === undefined) return null
  const centre = schema.safeParse(parseJson(await readFile(path, 'utf8')))
  if (centre.success) {
    const file = identityFile(clientHome)
    const identity = await readIdentity(file)
    const onRenewed = (renewed: Identity) => replace(file, formatIdentity(renewed))
    const { url, requesterId, card } = centre.data
    const opener = card === undefined ? {} : { opener: openerOf(card, env) }
    return new CentreApplicationKeys({ url, requesterId, identity, keySet, onRenewed, ...opener })
  }
  throw new OrlopError('CONFIG_INVALID', `${path} is damaged. Join again with 'orlop kmc join'.`)
}

function openerOf(
  { address, keyName, folder }: NonNullable<ApplicationCentre['card']>,
  env: CliContext['env'],
): CardReleaseOpener {
  const surroundings = { env, folder, onNotice: () => undefined }
  return new CardReleaseOpener(
    () => requireCardAt(parseCardAddress(address), surroundings),
    keyName,
  )
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
