/** What is counted of operations. */
export interface OperationMeter {
  /** @param outcome - `ok`, or the code of the refusal. */
  operation(name: string, outcome: string, seconds: number): void
}
