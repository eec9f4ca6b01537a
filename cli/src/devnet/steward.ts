import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EMBEDDED_FINALITY } from '@orlop/contracts/embedded-ledger'
import { EthersChainClient } from '@orlop/contracts/ethers-chain-client'
import { decodeHex } from '@orlop/crypto/bytes'
import { isOrlopError } from '@orlop/protocol/errors'
import type { Network } from '../network-file.ts'

/** The deployer of the embedded ledger, who admits the first nodes and names the master. */
export function openSteward(
  ledgerHome: string,
  network: Pick<Network, 'rpcUrl' | 'deployment'>,
): EthersChainClient {
  const privateKey = decodeHex(readFileSync(join(ledgerHome, 'deployer.key'), 'utf8').trim())
  return new EthersChainClient({ ...network, privateKey, finality: EMBEDDED_FINALITY })
}

/** Admits every node that waits, and makes `masterName` the master. Does nothing that is done already. */
export async function admitFleet(steward: EthersChainClient, masterName: string): Promise<void> {
  for (const node of await steward.nodes()) {
    if (node.state === 'pending') await admit(steward, node.nodeId)
    if (node.name === masterName && !node.isMaster) await steward.setMaster(node.nodeId)
  }
}

/** The master, once it is named, admits nodes too: whoever comes second is refused, and all is well. */
async function admit(steward: EthersChainClient, nodeId: number): Promise<void> {
  try {
    await steward.admitNode(nodeId)
  } catch (error) {
    const isRefused = isOrlopError(error, 'LEDGER_REJECTED')
    if (!isRefused || (await steward.node(nodeId))?.state !== 'admitted') throw error
  }
}
