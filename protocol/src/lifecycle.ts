/**
 * A part that runs. `start` resolves when the part serves; `stop` resolves when everything it began has ended and what it
 * acknowledged is durable. Both may be called again and then do nothing.
 */
export interface Startable {
  start(): Promise<void>
  stop(): Promise<void>
}
