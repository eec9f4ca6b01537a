import { systemClock } from '@orlop/protocol/clock'
import type { Deployment } from '@orlop/protocol/deployment'
import { AbiCoder, getAddress } from 'ethers'
import { creditBytecode, receiptsBytecode, registryBytecode } from './abi.generated.ts'
import { TransactionSender, type SentTransaction } from './ethers/transaction-sender.ts'
import { ledgerRejected } from './rejections.ts'
import { LedgerRpc } from './rpc/ledger-rpc.ts'
import { RpcConnection } from './rpc/rpc-connection.ts'

export interface DeployRequest {
  /** http or https; may hold user and password. */
  rpcUrl: string
  /** 32 bytes. Its account becomes admin and steward, and pays. */
  privateKey: Uint8Array
}

/**
 * Puts the three contracts on any EVM chain.
 *
 * @throws OrlopError `LEDGER_UNREACHABLE`, `CONFIG_INVALID` for the URL, `LEDGER_REJECTED` when the account cannot pay.
 */
export async function deployContracts(request: DeployRequest): Promise<Deployment> {
  const rpc = new LedgerRpc(new RpcConnection(request.rpcUrl))
  const chainId = await rpc.chainId()
  const { privateKey } = request
  const sender = new TransactionSender({ rpc, chainId, privateKey, clock: systemClock })
  const create = async (name: string, bytecode: string, owner: string) => {
    const data = bytecode + AbiCoder.defaultAbiCoder().encode(['address'], [owner]).slice(2)
    const sent = await sender.send({ action: `deploy ${name}`, to: null, data })
    return { address: createdAddress(name, sent), blockNumber: sent.receipt.blockNumber }
  }
  const registry = await create('Registry', registryBytecode, sender.account)
  const receipts = await create('Receipts', receiptsBytecode, registry.address)
  const credit = await create('Credit', creditBytecode, receipts.address)
  return {
    chainId,
    registry: registry.address,
    receipts: receipts.address,
    credit: credit.address,
    fromBlock: registry.blockNumber,
  }
}

function createdAddress(name: string, { receipt }: SentTransaction): string {
  if (typeof receipt.contractAddress === 'string') return getAddress(receipt.contractAddress)
  throw ledgerRejected({ action: `deploy ${name}`, reason: 'NotCreated' })
}
