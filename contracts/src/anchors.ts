import { decodeHex, encodeHex } from '@orlop/crypto/bytes'
import { formatAddress } from '@orlop/crypto/sign'
import type { Clock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import { getCreateAddress } from 'ethers'
import { anchorsAbi, anchorsBytecode } from './abi.generated.ts'
import { LogScanner } from './ethers/log-scanner.ts'
import { TransactionSender } from './ethers/transaction-sender.ts'
import { LedgerRpc } from './rpc/ledger-rpc.ts'
import { RpcConnection } from './rpc/rpc-connection.ts'
import { TypedContract } from './typed-contract.ts'

/** A digest to be anchored. */
export interface Anchor {
  /** What the digest is of, 32 bytes. */
  readonly subject: Uint8Array
  /** Which of the subject, from 0; a safe integer. */
  readonly number: number
  /** 32 bytes. */
  readonly digest: Uint8Array
}

/** An anchor on the ledger. */
export interface AnchorRecord extends Anchor {
  readonly transactionHash: string
  readonly blockNumber: number
}

/** Where an account's anchors are: the contract that its first transaction makes. @param account - EIP-55. */
export function anchorsAddress(account: string): string {
  return getCreateAddress({ from: account, nonce: 0 })
}

/** What {@link sendAnchors} needs. */
export interface SendAnchorsRequest {
  /** http or https; may hold user and password. */
  readonly rpcUrl: string
  /** 32 bytes, of an account that is used for nothing else. It pays. */
  readonly privateKey: Uint8Array
  readonly anchors: readonly Anchor[]
  readonly clock: Clock
}

/**
 * Anchors digests, in order; makes the account's contract first where there is none yet.
 *
 * @returns the transactions' hashes.
 * @throws OrlopError `LEDGER_UNREACHABLE`, `CONFIG_INVALID` for the URL, `LEDGER_REJECTED` when the account cannot pay.
 */
export async function sendAnchors(request: SendAnchorsRequest): Promise<string[]> {
  const { rpcUrl, privateKey, clock, anchors } = request
  const rpc = new LedgerRpc(new RpcConnection(rpcUrl))
  const chainId = await rpc.chainId()
  const sender = new TransactionSender({ rpc, chainId, privateKey, clock })
  const contract = new TypedContract(anchorsAbi, anchorsAddress(sender.account))
  if ((await rpc.code(contract.address)) === '0x') await deploy(sender)
  const hashes: string[] = []
  for (const { subject, number, digest } of anchors) {
    const data = contract.encodeCall('anchor', [hexOf(subject), number, hexOf(digest)])
    const { hash } = await sender.send({ action: 'anchor a digest', to: contract.address, data })
    hashes.push(hash)
  }
  return hashes
}

async function deploy(sender: TransactionSender): Promise<void> {
  const { receipt } = await sender.send({
    action: 'deploy Anchors',
    to: null,
    data: anchorsBytecode,
  })
  const expected = anchorsAddress(sender.account).toLowerCase()
  if (receipt.contractAddress?.toLowerCase() === expected) return
  throw new OrlopError(
    'LEDGER_REJECTED',
    `The account ${sender.account} has sent other transactions before its first anchor, so nobody would find its anchors. It must be used for nothing else.`,
    { details: { reason: 'AccountUsed', account: sender.account } },
  )
}

/** What {@link readAnchors} needs. */
export interface ReadAnchorsRequest {
  readonly rpcUrl: string
  /** Whose: an address of 20 bytes. */
  readonly account: Uint8Array
  readonly signal?: AbortSignal
}

/**
 * All anchors of an account in the ledger's order. They show that the account knew the digests no later than their blocks, and nothing
 * else.
 *
 * @throws OrlopError `LEDGER_UNREACHABLE`, `CONFIG_INVALID` for the URL.
 */
export async function readAnchors(request: ReadAnchorsRequest): Promise<AnchorRecord[]> {
  const rpc = new LedgerRpc(new RpcConnection(request.rpcUrl))
  const options = request.signal === undefined ? {} : { signal: request.signal }
  const contract = new TypedContract(anchorsAbi, anchorsAddress(formatAddress(request.account)))
  const newest = await rpc.block('latest', options)
  const topics = [contract.topicOf('Anchored'), `0x${encodeHex(request.account).padStart(64, '0')}`]
  const query = { address: contract.address, topics, fromBlock: 0, toBlock: newest?.number ?? 0 }
  const records: AnchorRecord[] = []
  for await (const page of new LogScanner(rpc).pages(query, options)) {
    for (const log of page) {
      const event = contract.decodeLog(log)
      if (event === null) continue
      const { subject, number, digest } = event.args
      records.push({
        subject: decodeHex(subject),
        number: Number(number),
        digest: decodeHex(digest),
        transactionHash: log.transactionHash,
        blockNumber: log.blockNumber,
      })
    }
  }
  return records
}

const hexOf = (bytes: Uint8Array) => `0x${encodeHex(bytes)}`
