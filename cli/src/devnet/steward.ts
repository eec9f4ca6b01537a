import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EMBEDDED_FINALITY } from '@orlop/contracts/embedded-ledger'
import { EthersChainClient } from '@orlop/contracts/ethers-chain-client'
import { decodeHex } from '@orlop/crypto/bytes'
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
    if (node.state === 'pending') await steward.admitNode(node.nodeId)
    if (node.name === masterName && !node.isMaster) await steward.setMaster(node.nodeId)
  }
}
