import { compareBytes } from '@orlop/crypto/bytes'
import { commitOf } from '@orlop/contracts/receipt-commit'
import { isOrlopError, throwIfAborted } from '@orlop/protocol/errors'
import type { Receipt } from '@orlop/protocol/ledger-records'
import {
  ackType,
  commitType,
  type SignedAck,
  type SignedCommit,
} from '@orlop/protocol/messages/storing'
import { digestOf, signerOf } from '@orlop/protocol/typed-message'
import { objectStatus } from '@orlop/protocol/wire/status'
import type { ClientContext } from '../context.ts'
import type { EvidenceReceipt } from './evidence-format.ts'
import type { Parties } from './parties.ts'

/** What client and node signed for one receipt, as far as anybody has it. */
export type SignedWords = Pick<EvidenceReceipt, 'commitSignature' | 'ack'>

interface Promised {
  readonly commit?: SignedCommit | undefined
  readonly ack?: SignedAck | undefined
}

const NO_WORDS: SignedWords = { commitSignature: null, ack: null }
/** Receipts that nodes are asked about in one export: evidence is whole without it, since the ledger took nothing unsigned. */
const MAX_ASKED_RECEIPTS = 500

/**
 * Finds the signatures behind receipts: in this home's catalogue, else at the node that holds the strip. Only those that fit go into
 * evidence, so that no node can spoil a file by a false one.
 */
export class SignedWordsFinder {
  readonly #context: ClientContext
  readonly #parties: Parties
  readonly #awayNodeIds = new Set<number>()
  #asked = 0

  constructor(context: ClientContext, parties: Parties) {
    this.#context = context
    this.#parties = parties
  }

  /** @throws OrlopError `ABORTED`. */
  async of(
    receipt: Receipt,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<SignedWords> {
    const own = this.#fitting(receipt, await this.#fromCatalogue(receipt))
    if (own.commitSignature !== null && own.ack !== null) return own
    const asked = this.#fitting(receipt, await this.#fromNode(receipt, options))
    return {
      commitSignature: own.commitSignature ?? asked.commitSignature,
      ack: own.ack ?? asked.ack,
    }
  }

  async #fromCatalogue(receipt: Receipt): Promise<Promised> {
    const { objectId, clientId, nodeId, sequence } = receipt
    const entry = await this.#context.home.catalogue.get(objectId, clientId)
    const isIt = (strip: { nodeId: number; sequence: number }) =>
      strip.nodeId === nodeId && strip.sequence === sequence
    return entry?.strips.find(isIt) ?? {}
  }

  async #fromNode(receipt: Receipt, options: { readonly signal?: AbortSignal }): Promise<Promised> {
    const { objectId, clientId, nodeId, sequence } = receipt
    if (this.#awayNodeIds.has(nodeId) || this.#asked >= MAX_ASKED_RECEIPTS) return {}
    this.#asked += 1
    try {
      const node = await this.#context.directory.byId(nodeId, options)
      const request = { object: { objectId, clientId } }
      const call = { verb: 'status', request, answer: objectStatus } as const
      const { strips } = await this.#context.network.call(node, call, options)
      return (
        strips.find(
          ({ commit }) => commit?.message.nodeId === nodeId && commit.message.sequence === sequence,
        ) ?? {}
      )
    } catch (error) {
      throwIfAborted(options.signal, 'An export')
      if (!isOrlopError(error)) throw error
      this.#awayNodeIds.add(nodeId)
      return {}
    }
  }

  #fitting(receipt: Receipt, { commit, ack }: Promised): SignedWords {
    const { deployment } = this.#context
    const digest = digestOf(commitType, deployment, commitOf(receipt))
    const isSame =
      commit !== undefined &&
      compareBytes(digestOf(commitType, deployment, commit.message), digest) === 0
    if (!isSame) return NO_WORDS
    const client = this.#parties.clients.find(({ clientId }) => clientId === receipt.clientId)
    const node = this.#parties.nodes.find(({ nodeId }) => nodeId === receipt.nodeId)
    const isByClient = client?.signers.includes(
      signerOrNull(() => signerOf(commitType, deployment, commit)) ?? '',
    )
    const isByNode =
      ack !== undefined &&
      node !== undefined &&
      compareBytes(ack.message.commitHash, digest) === 0 &&
      ack.message.nodeId === receipt.nodeId &&
      signerOrNull(() => signerOf(ackType, deployment, ack)) === node.account
    return {
      commitSignature: isByClient === true ? commit.signature : null,
      ack: isByNode ? { storedAtMs: ack.message.storedAtMs, signature: ack.signature } : null,
    }
  }
}

/** @returns null where the bytes are no signature. */
export function signerOrNull(recover: () => string): string | null {
  try {
    return recover()
  } catch (error) {
    if (isOrlopError(error, 'SIGNATURE_INVALID')) return null
    throw error
  }
}
