/** Fetches as browsers do. */
export type Fetch = (url: string, options: { signal: AbortSignal }) => Promise<Response>

/** How long a host may take for a small file, its last byte included. */
const PATIENCE_MS = 20_000

/** What a host answered. */
export interface FetchedText {
  readonly status: number
  readonly text: string
}

/**
 * Fetches a text that is small when its host is honest.
 *
 * @param maxBytes - most bytes of it that are read.
 * @throws RangeError when there are more; TimeoutError (DOMException) when it takes longer than 20 s; whatever `fetch` throws.
 */
export async function fetchText(fetch: Fetch, url: string, maxBytes: number): Promise<FetchedText> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) })
  const decoder = new TextDecoder()
  let text = ''
  let readBytes = 0
  for await (const piece of answer.body ?? []) {
    readBytes += piece.length
    if (readBytes > maxBytes) throw new RangeError(`expected at most ${maxBytes} bytes`)
    text += decoder.decode(piece, { stream: true })
  }
  return { status: answer.status, text: text + decoder.decode() }
}
