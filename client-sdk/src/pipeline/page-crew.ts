import { loadZstdCompressor } from '../compress/zstd-codec-portable.ts'
import type { Crew } from './crew.ts'
import { InlineCrew } from './inline-crew.ts'
import type { Operation, RequestOf, ResultOf } from './operations.ts'

/** Operations so short, or so bound to their order, that the page does not get its turn before them. */
const AT_ONCE: readonly Operation[] = ['hash', 'digest', 'release']

/** Works in a page's own thread, which gets its turn before every chunk. The compressor is loaded when it is needed first. */
export class PageCrew implements Crew {
  readonly width = 1
  readonly #inline = new InlineCrew()

  async run<K extends Operation>(operation: K, request: RequestOf<K>): Promise<ResultOf<K>> {
    if (!AT_ONCE.includes(operation)) {
      if ('compression' in request && request.compression.codec === 'zstd') {
        await loadZstdCompressor()
      }
      await new Promise((resolve) => setTimeout(resolve))
    }
    return this.#inline.run(operation, request)
  }

  release(contextId: number): Promise<void> {
    return this.#inline.release(contextId)
  }
}
