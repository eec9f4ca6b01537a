import { decodeHex } from '@orlop/crypto/bytes'
import {
  MAX_SEARCH_HITS,
  type ApiSearch,
  type ApiSearchHit,
  type SearchQuery,
} from '@orlop/protocol/api/search'
import { formatObjectId, parseObjectId } from '@orlop/protocol/ids'
import type { IndexFile } from '../index-file.ts'
import { foldCase, type StoredClient, type StoredNode } from '../standing-store.ts'
import { toBytes, toCount, toText } from './row-values.ts'
import type { TransactionQueries } from './transaction-queries.ts'

/** Finds what a text may name: an object, a transaction, a root, a node or a client. */
export class SearchQueries {
  readonly #file: IndexFile
  readonly #transactions: TransactionQueries

  constructor(parts: { file: IndexFile; transactions: TransactionQueries }) {
    this.#file = parts.file
    this.#transactions = parts.transactions
  }

  search({ q }: SearchQuery): ApiSearch {
    const hash = hashOf(q)
    const hits = [
      ...this.#objects(q),
      ...(hash === null ? [] : [...this.#transaction(hash), ...this.#roots(hash)]),
      ...this.#parties(q, 'exactly'),
      ...this.#parties(q, 'partly'),
    ]
    const distinct = new Map(hits.map((hit) => [JSON.stringify(hit), hit]))
    return { items: [...distinct.values()].slice(0, MAX_SEARCH_HITS) }
  }

  #objects(q: string): ApiSearchHit[] {
    const objectId = objectIdOf(q)
    if (objectId === null) return []
    return this.#objectHits('o.object_id = ?', objectId)
  }

  #roots(root: Uint8Array): ApiSearchHit[] {
    return this.#objectHits(
      'o.id IN (SELECT object FROM receipts WHERE substr(root, 1, 8) = substr(?1, 1, 8) AND root = ?1)',
      root,
    )
  }

  #objectHits(condition: string, value: Uint8Array): ApiSearchHit[] {
    return this.#file
      .prepare(
        `SELECT o.object_id, o.client_id, coalesce(c.name, '') AS name FROM objects o
         LEFT JOIN clients c ON c.client_id = o.client_id WHERE ${condition} LIMIT ${MAX_SEARCH_HITS}`,
      )
      .all(value)
      .map((row) => ({
        kind: 'object',
        clientId: toCount(row['client_id']),
        clientName: toText(row['name']),
        objectId: formatObjectId(toBytes(row['object_id'])),
      }))
  }

  #transaction(hash: Uint8Array): ApiSearchHit[] {
    const found = this.#transactions.summary(hash)
    if (found === null) return []
    const { transactionHash, receiptCount, kinds } = found
    return [{ kind: 'transaction', transactionHash, receipts: receiptCount, kinds }]
  }

  /** Nodes and clients: named exactly by id, IMO number, address, peer id or name, or with the text in their name. */
  #parties(q: string, how: 'exactly' | 'partly'): ApiSearchHit[] {
    const digits = /^(?:IMO\s*)?(\d{1,10})$/i.exec(q)?.[1]
    const number = digits === undefined ? null : Number(digits)
    const values = { number, text: foldCase(q), limit: MAX_SEARCH_HITS }
    const nodes =
      how === 'partly'
        ? this.#partly('nodes', 'node_id', values)
        : this.#file
            .prepare(
              `SELECT record FROM nodes WHERE node_id = :number OR folded = :text OR lower(record ->> 'account') = :text
               OR lower(record ->> 'peerId') = :text ORDER BY node_id LIMIT :limit`,
            )
            .all(values)
    const clients =
      how === 'partly'
        ? this.#partly('clients', 'client_id', values)
        : this.#file
            .prepare(
              `SELECT record FROM clients WHERE client_id = :number OR record ->> 'imoNumber' = :number OR folded = :text
               OR lower(record ->> 'signer') = :text ORDER BY client_id LIMIT :limit`,
            )
            .all(values)
    return [
      ...nodes.map((row) => nodeHit(JSON.parse(toText(row['record'])) as StoredNode)),
      ...clients.map((row) => clientHit(JSON.parse(toText(row['record'])) as StoredClient)),
    ]
  }

  #partly(
    table: 'nodes' | 'clients',
    key: string,
    { text, limit }: { text: string; limit: number },
  ) {
    return this.#file
      .prepare(`SELECT record FROM ${table} WHERE instr(folded, ?) > 0 ORDER BY ${key} LIMIT ?`)
      .all(text, limit)
  }
}

function nodeHit({ nodeId, name }: StoredNode): ApiSearchHit {
  return { kind: 'node', nodeId, name }
}

function clientHit({ clientId, name, imoNumber }: StoredClient): ApiSearchHit {
  return { kind: 'client', clientId, name, imoNumber }
}

function hashOf(q: string): Uint8Array | null {
  return /^(0x)?[0-9a-f]{64}$/i.test(q) ? decodeHex(q.replace(/^0x/i, '')) : null
}

function objectIdOf(q: string): Uint8Array | null {
  if (!/^(orlop:)?[a-z2-7]{52}$/i.test(q)) return null
  try {
    return parseObjectId(q)
  } catch {
    // 52 letters that do not spell 32 bytes (the last one has spare bits) name no object.
    return null
  }
}
