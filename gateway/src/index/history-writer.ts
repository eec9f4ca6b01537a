import { encodeHex } from '@orlop/crypto/bytes'
import { HEARTBEAT_DAYS } from '@orlop/protocol/api/history'
import { DAY_MS } from '@orlop/protocol/api/overview'
import type { RatingEvent, RegistryEvent } from '@orlop/protocol/history-events'
import { replayCredit } from './credit-replay.ts'
import type { IndexFile } from './index-file.ts'
import { HEARTBEATS, ONLY_HEARTBEAT, RATING_KINDS } from './index-schema.ts'
import type { LogPlaces } from './log-places.ts'
import { rowsBetween } from './queries/conditions.ts'

/** Heartbeats are kept for longer than they are shown, so that blocks which vanish take none away that is shown afterwards. */
const KEPT_HEARTBEATS_MS = (HEARTBEAT_DAYS + 1) * DAY_MS

/** The rows of ratings and of the registry's events. Each method is one step of a transaction that its caller runs. */
export class HistoryWriter {
  readonly #file: IndexFile
  readonly #places: LogPlaces

  constructor(file: IndexFile, places: LogPlaces) {
    this.#file = file
    this.#places = places
  }

  addRatingEvent(event: RatingEvent): void {
    const { kind, nodeId, clientId, sequence, score, causeCode, position } = event
    const { id, transactionId } = this.#places.take(position, kind)
    const replayed = replayCredit(this.#file, event)
    const { evidence, creditMillionths, contractMillionths } = replayed
    const change = 'change' in event ? event.change : null
    const isCounted = kind !== 'rated' || change !== null
    const facts = [id, transactionId, RATING_KINDS.indexOf(kind), nodeId, clientId, sequence]
    this.#file
      .prepare(
        'INSERT OR IGNORE INTO credit_events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        ...[...facts, score, causeCode, change?.beforeMillionths ?? contractMillionths],
        ...[contractMillionths, creditMillionths, evidence.s, evidence.f, evidence.round],
        ...[Number(isCounted), Number(change !== null)],
        'reason' in event ? event.reason : null,
        'steward' in event ? event.steward : null,
        'reasonHash' in event ? event.reasonHash : null,
      )
    this.#places.note(transactionId, { clientIds: [clientId], nodeIds: [nodeId] })
  }

  addRegistryEvent(event: RegistryEvent): void {
    const { kind, position } = event
    const { id, transactionId } = this.#places.take(position, kind)
    const [nodeId, formerNodeId] =
      kind === 'masterChanged'
        ? [event.toNodeId, event.fromNodeId]
        : ['nodeId' in event ? event.nodeId : null, null]
    const clientId = 'clientId' in event ? event.clientId : null
    this.#file
      .prepare('INSERT OR IGNORE INTO registry_events VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(id, transactionId, kind, nodeId, formerNodeId, clientId, JSON.stringify(factsOf(event)))
    this.#places.note(transactionId, { clientIds: [clientId], nodeIds: [nodeId, formerNodeId] })
  }

  /** Forgets heartbeats that are too old, and the blocks that held nothing else. @param headTimeMs - time of the newest block. */
  forgetHeartbeats(headTimeMs: number): void {
    const fromMs = headTimeMs - KEPT_HEARTBEATS_MS
    const first = fromMs < 0 ? null : (rowsBetween(this.#file, { fromMs })?.first ?? null)
    if (first === null) return
    this.#file.prepare(`DELETE FROM registry_events WHERE id < ? AND ${HEARTBEATS}`).run(first)
    const blocks = this.#file
      .prepare(
        `DELETE FROM transactions WHERE first_id < ? AND ${ONLY_HEARTBEAT} RETURNING block_number`,
      )
      .all(first)
    for (const { block_number: number } of blocks) {
      this.#file
        .prepare(
          `DELETE FROM blocks WHERE number = ?
           AND NOT EXISTS (SELECT 1 FROM transactions WHERE block_number = blocks.number)`,
        )
        .run(Number(number))
    }
  }
}

/** What an event says besides whom it is about, as the API gives it. */
function factsOf(event: RegistryEvent): object {
  switch (event.kind) {
    case 'nodeRegistered': {
      const { account, tier, profile } = event
      return { account, tier, profile }
    }
    case 'nodeUpdated':
      return { profile: event.profile }
    case 'nodeStateChanged':
    case 'nodeTierChanged': {
      const { from, to, reason } = event
      return { from, to, reason }
    }
    case 'heartbeat':
      return { freeBytes: event.freeBytes }
    case 'masterChanged':
      return {}
    case 'clientRegistered': {
      const { signer, recovery, openingKey, imoNumber, name } = event
      const shown = { openingKey: hex(openingKey), imoNumber: imoNumber === 0 ? null : imoNumber }
      return { signer, recovery, ...shown, name }
    }
    case 'clientStateChanged': {
      const { from, to, minimumImportance, reason } = event
      return { from, to, minimumImportance, reason }
    }
    case 'signerRotated': {
      const { oldSigner, newSigner, newOpeningKey } = event
      return { oldSigner, newSigner, newOpeningKey: hex(newOpeningKey) }
    }
    case 'roleGranted':
    case 'roleRevoked': {
      const { role, account, sender } = event
      return { role, account, sender }
    }
  }
}

function hex(bytes: Uint8Array): string {
  return `0x${encodeHex(bytes)}`
}
