/** What is counted of requests. */
export interface HttpMeter {
  /** @param route - the route's path with its parameters unnamed, never what was asked. */
  request(route: string, status: number, seconds: number): void
  setEventStreams(count: number): void
  eventStreamDropped(): void
}
