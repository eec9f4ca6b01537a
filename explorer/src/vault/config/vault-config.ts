import { deploymentSchema, type Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import { z } from 'zod'
import { type Fetch, fetchText } from './fetch-text.ts'

const FILE = 'config.json'
const MAX_FILE_BYTES = 64 * 1024

const configFile = z
  .strictObject({
    /** Origin of the gateway that passes frames on to the nodes. */
    gateway: z.url({ protocol: /^https?$/ }),
    /** Pinned by whoever hosts the vault; asked from the gateway when left out. */
    deployment: deploymentSchema,
    /** A JSON-RPC endpoint that the host trusts. */
    rpcUrl: z.url({ protocol: /^https?$/ }),
  })
  .partial()

/** What the vault needs of a gateway's `/v1/deployment`; whatever else it tells is left out. */
const told = z.object({ ...deploymentSchema.shape, rpcUrl: z.string().nullable() })

/** Which network the vault is a door to. */
export interface VaultConfig {
  readonly gateway: string
  readonly deployment: Deployment
  /** Where the ledger is read; null: through the gateway's nodes. */
  readonly rpcUrl: string | null
  /** Whether the host of the vault named the deployment, so that no gateway can tell another. */
  readonly isPinned: boolean
}

/**
 * Reads `config.json` beside the page; what it leaves out is asked from the gateway, which is the page's own origin by default.
 *
 * @param page - address of the page.
 * @throws OrlopError `CONFIG_INVALID` for a file that is wrong; `NODE_UNREACHABLE` when the gateway does not tell the deployment.
 */
export async function readVaultConfig(page: string, fetch: Fetch): Promise<VaultConfig> {
  const given = await readFile(new URL(FILE, page).href, fetch)
  const gateway = given.gateway ?? new URL(page).origin
  if (given.deployment !== undefined) {
    const { deployment, rpcUrl = null } = given
    return { gateway, deployment, rpcUrl, isPinned: true }
  }
  const { deployment, rpcUrl } = await askDeployment(gateway, fetch)
  return { gateway, deployment, rpcUrl: given.rpcUrl ?? rpcUrl, isPinned: false }
}

async function readFile(url: string, fetch: Fetch): Promise<z.infer<typeof configFile>> {
  const { status, text } = await fetchText(fetch, url, MAX_FILE_BYTES).catch((cause: unknown) => {
    throw invalid(`${FILE} could not be read`, cause)
  })
  if (status === 404) return {}
  if (status !== 200) throw invalid(`${FILE}: the host answered ${status}`)
  try {
    return configFile.parse(JSON.parse(text))
  } catch (cause) {
    throw invalid(`${FILE} is not as it should be`, cause)
  }
}

async function askDeployment(
  gateway: string,
  fetch: Fetch,
): Promise<Pick<VaultConfig, 'deployment' | 'rpcUrl'>> {
  try {
    const address = new URL('/v1/deployment', gateway).href
    const { text } = await fetchText(fetch, address, MAX_FILE_BYTES)
    const { rpcUrl, ...deployment } = told.parse(JSON.parse(text))
    return { deployment, rpcUrl: rpcUrl === null ? null : httpAddress(rpcUrl, gateway) }
  } catch (cause) {
    throw new OrlopError(
      'NODE_UNREACHABLE',
      `The gateway at ${gateway} does not tell which ledger it serves. Check that it runs, or pin the deployment in ${FILE}.`,
      { cause },
    )
  }
}

/** @param address - whole, or as seen from the gateway. */
function httpAddress(address: string, gateway: string): string {
  const { href, protocol } = new URL(address, gateway)
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`rpcUrl: ${protocol}`)
  return href
}

function invalid(what: string, cause?: unknown): OrlopError {
  return new OrlopError(
    'CONFIG_INVALID',
    `${what}. Whoever hosts this vault has to mend it: gateway, deployment and rpcUrl are what it may say.`,
    cause === undefined ? {} : { cause },
  )
}
