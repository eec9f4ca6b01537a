import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { type Deployment, deploymentSchema, type LedgerContract } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'

const CONTRACTS: readonly LedgerContract[] = ['registry', 'receipts', 'credit']

const networkSchema = z.strictObject({
  rpcUrl: z.url(),
  deployment: deploymentSchema,
  /** How old a block must be until this ledger cannot lose it; 0 where a block is final at once. */
  finalAfterMs: z.int().nonnegative(),
})

/** Which ledger this home's client talks to. Nodes are found there. */
export type Network = z.infer<typeof networkSchema>

/** @throws OrlopError `CONFIG_INVALID` when there is none yet, or the file is damaged. */
export function readNetworkFile(path: string): Network {
  if (!existsSync(path)) {
    throw new OrlopError(
      'CONFIG_INVALID',
      `No network is set up in ${dirname(path)}. Start one with 'orlop devnet up', or join one with 'orlop init --rpc-url URL --deployment FILE'.`,
    )
  }
  try {
    return networkSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw new OrlopError(
      'CONFIG_INVALID',
      `${path} is damaged. Join the network again with 'orlop init'.`,
      {
        cause,
      },
    )
  }
}

/**
 * Joins a home folder to a network, and is done again where only the way to it has changed. A damaged file is replaced.
 *
 * @throws OrlopError `CONFIG_INVALID` when the home is joined to another network: its keys, catalogue and uploads belong there.
 */
export function joinNetwork(path: string, network: Network): void {
  const joined = readJoined(path)
  if (joined !== null && !isSameDeployment(joined.deployment, network.deployment)) {
    throw new OrlopError(
      'CONFIG_INVALID',
      `${dirname(path)} is joined to another network: chain ${joined.deployment.chainId}, registry ${joined.deployment.registry}. Give another folder with --home for chain ${network.deployment.chainId}, registry ${network.deployment.registry}.`,
    )
  }
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.new`
  writeFileSync(temporary, `${JSON.stringify(network, null, 2)}\n`)
  renameSync(temporary, path)
}

function readJoined(path: string): Network | null {
  if (!existsSync(path)) return null
  try {
    return networkSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}

/** Addresses are the same whatever the case of their letters. */
function isSameDeployment(one: Deployment, other: Deployment): boolean {
  const isSame = (contract: LedgerContract) =>
    one[contract].toLowerCase() === other[contract].toLowerCase()
  return one.chainId === other.chainId && CONTRACTS.every(isSame)
}

/** Reads a deployment as `deploy.ts` writes it. @throws OrlopError `CONFIG_INVALID`. */
export function readDeploymentFile(path: string): Network['deployment'] {
  if (!existsSync(path)) {
    throw new OrlopError(
      'CONFIG_INVALID',
      `The deployment file ${path} does not exist. Give the file that the deploy script wrote.`,
    )
  }
  try {
    return deploymentSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw new OrlopError(
      'CONFIG_INVALID',
      `${path} does not hold a deployment. Give the file that the deploy script wrote.`,
      {
        cause,
      },
    )
  }
}
