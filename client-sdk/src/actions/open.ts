import { wipe } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { type ActionOptions, contextFor } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import { entryOfObject } from '../retrieve/entry-of-object.ts'
import { type OpenedObject, openObject, type OpenRequest } from '../retrieve/open-object.ts'
import { readPlain } from '../retrieve/read-plain.ts'

/** A part of the plaintext in bytes, `end` exclusive and at most the object's length; all of it when left out. */
export interface ReadRange {
  readonly start: number
  readonly end?: number
}

/** Part of an object on its way. */
export interface Reading {
  /** Bytes the stream gives in all. */
  readonly lengthBytes: number
  /** The plaintext in pieces; read it once. That all of it is right is known when it ends without an error. */
  readonly stream: AsyncIterable<Uint8Array>
}

/** An object whose envelope was found and opened once, to be read from as often as wanted. Close it when done: it holds the data key. */
export interface ObjectReader {
  readonly entry: CatalogueEntry
  /** Bytes of the plaintext. */
  readonly plainBytes: number
  /**
   * Reads a part, fetching only the chunks it lies in. Several parts may be read at once.
   *
   * @throws OrlopError `USAGE` for a range outside the object, and after {@link close}. The stream throws `OBJECT_DAMAGED` when no
   *   copy is right, `NODE_UNREACHABLE`, `ABORTED`.
   */
  read(range?: ReadRange): Reading
  /** Wipes the data key. Streams that were begun go on. */
  close(): void
}

/**
 * Opens an object for reading: receipts on the ledger, newest envelope, data key. Later changes of the envelope do not concern the
 * reader; that the object was removed shows when its nodes let go of it.
 *
 * @throws OrlopError `OBJECT_NOT_FOUND`, `OBJECT_REMOVED`, `WRONG_KEY`, `ENVELOPE_INVALID`, `ENVELOPE_ROLLED_BACK`,
 *   `LEDGER_UNREACHABLE`, `NODE_UNREACHABLE`.
 */
export async function open(
  outer: ClientContext,
  request: OpenRequest,
  options: ActionOptions = {},
): Promise<ObjectReader> {
  const context = contextFor(outer, options)
  const object = await openObject(context, request, options)
  const { view } = object
  const { catalogue } = context.home
  const entry = entryOfObject(object, await catalogue.get(view.objectId, view.ownerId))
  await catalogue.put(entry)
  return new OpenedReader(context, { object, entry, options })
}

class OpenedReader implements ObjectReader {
  readonly entry: CatalogueEntry
  readonly #context: ClientContext
  readonly #object: OpenedObject
  readonly #options: ActionOptions
  #isOpen = true

  constructor(
    context: ClientContext,
    opened: {
      readonly object: OpenedObject
      readonly entry: CatalogueEntry
      readonly options: ActionOptions
    },
  ) {
    this.entry = opened.entry
    this.#context = context
    this.#object = opened.object
    this.#options = opened.options
  }

  get plainBytes(): number {
    return this.#object.opened.manifest.plainBytes
  }

  read(range?: ReadRange): Reading {
    if (!this.#isOpen) throw closed(this.#object.view.objectId)
    const { start, end } = rangeWithin(range, this.plainBytes)
    const { opened, view } = this.#object
    const object = { view, opened: { ...opened, dataKey: opened.dataKey.slice() } }
    const context = this.#context
    const options = this.#options
    async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        yield* readPlain(context, object, { start, end }, options)
      } finally {
        wipe(object.opened.dataKey)
      }
    }
    return { lengthBytes: end - start, stream: stream() }
  }

  close(): void {
    this.#isOpen = false
    wipe(this.#object.opened.dataKey)
  }
}

function rangeWithin(
  range: ReadRange | undefined,
  plainBytes: number,
): { start: number; end: number } {
  const start = range?.start ?? 0
  const end = Math.min(range?.end ?? plainBytes, plainBytes)
  const isWithin = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0
  if (isWithin && start <= end) return { start, end }
  throw new OrlopError(
    'USAGE',
    `The range from ${start} to ${range?.end ?? 'the end'} is not within the object's ${plainBytes} bytes. Give a range that begins inside it.`,
    { details: { plainBytes } },
  )
}

function closed(objectId: Uint8Array): OrlopError {
  return new OrlopError(
    'USAGE',
    `The reader of ${formatObjectId(objectId)} is closed. Open the object again.`,
  )
}
