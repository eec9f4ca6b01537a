import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@orlop/protocol/clock'
import { OrlopError, isOrlopError } from '@orlop/protocol/errors'
import { Transaction, Wallet, hexlify } from 'ethers'
import * as z from 'zod'
import { ledgerRejected } from '../rejections.ts'
import type { CallRequest, LedgerRpc } from '../rpc/ledger-rpc.ts'
import { RpcError } from '../rpc/rpc-error.ts'
import {
  hash32,
  quantity,
  safeQuantity,
  toQuantity,
  type TransactionReceipt,
} from '../rpc/rpc-shapes.ts'
import { revertReason } from './revert-reason.ts'

export interface SenderOptions {
  /** Longest wait until a transaction is in a block. Default 60 s. */
  inclusionTimeoutMs?: number
}

/** What is to be sent, and what it is for ("rate a receipt"). */
export interface Order {
  action: string
  to: string | null
  data: string
}

/** A transaction in a block, and not reverted. */
export interface SentTransaction {
  hash: string
  receipt: TransactionReceipt
}

/** Tries with a fresh nonce when somebody else used the account at the same time. */
const NONCE_TRIES = 4
const FIRST_POLL_MS = 20
const LAST_POLL_MS = 1_000
/** Room above the estimate: the state may change before the block is made. */
const GAS_MARGIN_PERCENT = 125n

const anything = z.unknown()

/** The endpoint holds another transaction of this account under the same nonce. */
class NonceTakenError extends Error {
  override readonly name = 'NonceTakenError'
}

/**
 * Signs and sends transactions of one account, one after the other, so that their nonces have neither gap nor clash. The nonce is
 * asked of the ledger each time: after a failure or a lost block there is nothing to repair.
 */
export class TransactionSender {
  readonly account: string
  readonly #rpc: LedgerRpc
  readonly #chainId: number
  readonly #wallet: Wallet
  readonly #clock: Clock
  readonly #inclusionTimeoutMs: number
  #queue: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #nextNonce = 0

  /** @param ledger - `privateKey` 32 bytes, kept in memory. */
  constructor(
    ledger: { rpc: LedgerRpc; chainId: number; privateKey: Uint8Array; clock: Clock },
    options: SenderOptions = {},
  ) {
    this.#rpc = ledger.rpc
    this.#chainId = ledger.chainId
    this.#wallet = new Wallet(hexlify(ledger.privateKey))
    this.#clock = ledger.clock
    this.#inclusionTimeoutMs = options.inclusionTimeoutMs ?? 60_000
    this.account = this.#wallet.address
  }

  /**
   * Resolves when the transaction is in a block and took effect.
   *
   * @throws OrlopError `LEDGER_REJECTED` when the contract reverts or the account cannot pay; `LEDGER_UNREACHABLE` when no answer
   * comes or no block takes it in time (`details.transactionHash` then names it, where it was sent).
   */
  async send(order: Order): Promise<SentTransaction> {
    const turn = this.#queue.then(() => this.#broadcastNext(order))
    this.#queue = turn.catch(() => undefined)
    this.#waiting += 1
    try {
      const hash = await turn
      return { hash, receipt: await this.#included(order, hash) }
    } finally {
      this.#waiting -= 1
      if (this.#waiting === 0) this.#nextNonce = 0
    }
  }

  async #broadcastNext(order: Order): Promise<string> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#broadcast(order, await this.#signed(order))
      } catch (error) {
        if (error instanceof NonceTakenError && tries < NONCE_TRIES) continue
        throw this.#explained(order, error)
      }
    }
  }

  async #signed(order: Order): Promise<Transaction> {
    const request = { from: this.account, data: order.data, ...(order.to && { to: order.to }) }
    const estimate = await this.#rpc.askRaw('eth_estimateGas', [request], quantity)
    const gasPrice = await this.#rpc.ask('eth_gasPrice', [], quantity)
    const transaction = Transaction.from({
      type: 0,
      chainId: this.#chainId,
      nonce: await this.#freshNonce(),
      to: order.to,
      data: order.data,
      gasPrice,
      gasLimit: (estimate * GAS_MARGIN_PERCENT) / 100n,
    })
    transaction.signature = this.#wallet.signingKey.sign(transaction.unsignedHash)
    return transaction
  }

  /** Endpoints behind a balancer may lag: while own transactions are on their way, their count cannot fall back. */
  async #freshNonce(): Promise<number> {
    const params = [this.account, 'pending']
    const counted = await this.#rpc.ask('eth_getTransactionCount', params, safeQuantity)
    const isAlone = this.#waiting <= 1
    return isAlone ? counted : Math.max(counted, this.#nextNonce)
  }

  async #broadcast(order: Order, transaction: Transaction): Promise<string> {
    const hash = hash32.parse(transaction.hash)
    try {
      // Sent again after a silence it is the same transaction: the endpoint knows it by its hash.
      await this.#rpc.askRaw('eth_sendRawTransaction', [transaction.serialized], anything)
    } catch (error) {
      if (!(error instanceof RpcError)) throw named(error, hash)
      if (!(await this.#isKnown(hash))) {
        if (/nonce|replacement|underpriced/i.test(error.message)) throw new NonceTakenError()
        throw this.#explained(order, error)
      }
    }
    this.#nextNonce = transaction.nonce + 1
    return hash
  }

  async #isKnown(hash: string): Promise<boolean> {
    const found = await this.#rpc.ask('eth_getTransactionByHash', [hash], anything)
    return found !== null && found !== undefined
  }

  async #included(order: Order, hash: string): Promise<TransactionReceipt> {
    const deadlineMs = this.#clock.monotonicMs() + this.#inclusionTimeoutMs
    for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(2 * pauseMs, LAST_POLL_MS)) {
      const receipt = await this.#receipt(hash)
      if (receipt?.status === 1) return receipt
      if (receipt !== null) throw await this.#reverted(order, receipt.blockNumber)
      if (this.#clock.monotonicMs() >= deadlineMs) {
        this.#nextNonce = 0
        throw this.#notIncluded(hash)
      }
      await sleep(pauseMs)
    }
  }

  async #receipt(hash: string): Promise<TransactionReceipt | null> {
    try {
      return await this.#rpc.transactionReceipt(hash)
    } catch (error) {
      throw named(error, hash)
    }
  }

  /** A transaction that passed its estimate and still reverted: the same call says why. */
  async #reverted(order: Order, block: number): Promise<Error> {
    const { action, data, to } = order
    const request: CallRequest = { from: this.account, data, ...(to !== null && { to }) }
    try {
      const tag = toQuantity(block)
      await this.#rpc.askRaw('eth_call', [request, tag], anything)
    } catch (error) {
      if (error instanceof RpcError && error.isRevert) return this.#explained(order, error)
    }
    return ledgerRejected({ action, reason: 'Reverted' })
  }

  #explained({ action }: Order, error: unknown): Error {
    if (error instanceof NonceTakenError) {
      return new OrlopError(
        'LEDGER_UNREACHABLE',
        `The ledger did not take a transaction of ${this.account}: another program uses the same account. Give each program an account of its own.`,
      )
    }
    if (!(error instanceof RpcError))
      return error instanceof Error ? error : new Error(String(error))
    if (/insufficient funds|upfront cost/i.test(error.message)) {
      return ledgerRejected({
        action,
        reason: 'InsufficientFunds',
        facts: { account: this.account },
        cause: error,
      })
    }
    if (!error.isRevert) return this.#rpc.unusable('eth_sendRawTransaction', error)
    return ledgerRejected({ action, ...revertReason(error.revertData), cause: error })
  }

  #notIncluded(hash: string): OrlopError {
    return new OrlopError(
      'LEDGER_UNREACHABLE',
      `No block of the ledger at ${this.#rpc.shownUrl} took transaction ${hash} within ${this.#inclusionTimeoutMs} ms. Look for it later, or send the same message again.`,
      { details: { transactionHash: hash } },
    )
  }
}

/** Adds the hash of what may have been sent, so that its fate can be found out. */
function named(error: unknown, transactionHash: string): unknown {
  if (!isOrlopError(error)) return error
  const details = { ...error.details, transactionHash }
  return new OrlopError(error.code, error.message, { details, cause: error })
}
