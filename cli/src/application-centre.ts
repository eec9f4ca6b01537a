import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { CentreApplicationKeys, type Keyring, readIdentity } from '@orlop/client-sdk/index'
import { formatIdentity, type Identity } from '@orlop/protocol/centre/identity'
import { OrlopError } from '@orlop/protocol/errors'

const schema = z.strictObject({ url: z.url(), requesterId: z.string() })

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

/** The keys of the centre that a client's home is joined to; null when it is joined to none. @throws OrlopError `CONFIG_INVALID` */
export async function openApplicationKeys(
  clientHome: string,
  { keySets }: Keyring,
): Promise<CentreApplicationKeys | null> {
  const path = settingsFile(clientHome)
  const [keySet] = keySets
  if (!existsSync(path) || keySet === undefined) return null
  const centre = schema.safeParse(parseJson(await readFile(path, 'utf8')))
  if (centre.success) {
    const file = identityFile(clientHome)
    const identity = await readIdentity(file)
    const onRenewed = (renewed: Identity) => replace(file, formatIdentity(renewed))
    return new CentreApplicationKeys({ ...centre.data, identity, keySet, onRenewed })
  }
  throw new OrlopError('CONFIG_INVALID', `${path} is damaged. Join again with 'orlop kmc join'.`)
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
