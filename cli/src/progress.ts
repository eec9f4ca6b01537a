import { Presets, SingleBar } from 'cli-progress'
import type { ClientListener } from '@orlop/client-sdk/index'
import type { CliContext } from './context.ts'

const WRAPPING = 'wrapping '

/** Shows on a terminal how far one object has come; says nothing when stderr is piped or `--json` was asked for. */
export class Progress {
  readonly #bar: SingleBar | null

  constructor(context: CliContext) {
    const isShown = context.stderr.isTTY && !context.json
    this.#bar = isShown
      ? new SingleBar(
          {
            format: '{phase} {bar} {percentage}% of {total} {unit}',
            hideCursor: true,
            clearOnComplete: true,
            stream: context.stderr,
          },
          Presets.shades_classic,
        )
      : null
  }

  readonly listener: ClientListener = (event) => {
    if (event.type === 'sent' && event.totalBytes !== null)
      this.#show('sending  ', event.durableBytes, event.totalBytes)
    if (event.type === 'sealed') this.#show('sealing  ', event.plainBytes, event.plainBytes)
    if (event.type === 'rewrapped') this.#show(WRAPPING, event.done, event.total)
    if (event.type === 'received') this.#show('receiving', event.plainBytes, event.totalBytes)
  }

  end(): void {
    this.#bar?.stop()
  }

  #show(phase: string, done: number, total: number): void {
    const unit = phase === WRAPPING ? 'objects' : 'bytes'
    if (this.#bar === null) return
    if (!this.#bar.isActive) this.#bar.start(total, done, { phase, unit })
    this.#bar.setTotal(total)
    this.#bar.update(done, { phase, unit })
  }
}
