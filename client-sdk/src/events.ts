import type { DataClass, Importance } from '@orlop/protocol/data-classes'

/** A node, as events and results name it. */
export interface NamedNode {
  readonly nodeId: number
  readonly name: string
}

/** What happens while an object is stored, fetched or kept; in the order in which it happens. */
export type ClientEvent = { readonly objectName: string } & (
  | {
      readonly type: 'classified'
      readonly name: string
      readonly dataClass: DataClass
      readonly importance: Importance
      readonly rule: string
    }
  | {
      readonly type: 'chosen'
      readonly ingress: NamedNode
      readonly proposed: readonly NamedNode[]
    }
  | { readonly type: 'offered'; readonly node: NamedNode; readonly maxBytes: number }
  | { readonly type: 'refused'; readonly node: NamedNode; readonly reason: string }
  | { readonly type: 'accepted'; readonly nodes: readonly NamedNode[] }
  | { readonly type: 'sealed'; readonly plainBytes: number; readonly sealedBytes: number }
  | {
      readonly type: 'sent'
      readonly node: NamedNode
      /** On the node's disk. */
      readonly durableBytes: number
      /** Length of the sealed stream; null while sealing goes on. */
      readonly totalBytes: number | null
    }
  | { readonly type: 'retrying'; readonly reason: string; readonly attempt: number }
  | { readonly type: 'committed'; readonly node: NamedNode }
  | { readonly type: 'replaced'; readonly index: number; readonly node: NamedNode }
  | { readonly type: 'ack'; readonly index: number; readonly node: NamedNode }
  | { readonly type: 'held' | 'stored' | 'recorded' | 'final' }
  | { readonly type: 'rated'; readonly node: NamedNode; readonly score: number }
  | { readonly type: 'received'; readonly plainBytes: number; readonly totalBytes: number }
  /** A node does not put its receipt on the ledger: another was given it. */
  | { readonly type: 'withheld'; readonly node: NamedNode }
  /** A node sent what it should not have: it is marked and gets nothing new. */
  | { readonly type: 'damaged'; readonly node: NamedNode; readonly reason: string }
  /** A card failed: another, or software, seals what is left of the object, and its manifest says so. */
  | {
      readonly type: 'card-lost'
      readonly card: string
      /** As in docs/cards.md, `CARD_LOST` and the like. */
      readonly code: string
      readonly reason: string
      /** Name of the card that goes on; null for software. */
      readonly next: string | null
    }
  /** An object's key was wrapped anew for its application; `total` are to be. */
  | { readonly type: 'rewrapped'; readonly done: number; readonly total: number }
  | { readonly type: 'unreachable'; readonly node: NamedNode; readonly reason: string }
)

export type ClientListener = (event: ClientEvent) => void

/** Tells listeners what happens. A listener that throws harms no one else. */
export class ClientEvents {
  readonly #listeners = new Set<ClientListener>()

  /** @returns a function that ends the listening. */
  listen(listener: ClientListener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  emit(event: ClientEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}

/** Events of one call go to its own listener first, then to everybody's. */
export function eventsFor(
  events: ClientEvents,
  listener: ClientListener | undefined,
): ClientEvents {
  if (listener === undefined) return events
  const own = new ClientEvents()
  own.listen(listener)
  own.listen((event) => events.emit(event))
  return own
}
