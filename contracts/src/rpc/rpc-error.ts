/** An endpoint's own error in a JSON-RPC answer. Its text is the endpoint's: it is not shown to people as it is. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  /** What a contract reverted with (0x and hexadecimal digits), where the endpoint says so. */
  readonly revertData: string | null

  constructor(code: number, message: string, data: unknown) {
    super(message)
    this.code = code
    this.revertData = revertDataOf(data)
  }

  /** Whether a contract or the EVM refused the call, rather than the endpoint. */
  get isRevert(): boolean {
    return this.revertData !== null || this.code === 3 || /revert/i.test(this.message)
  }
}

const HEXADECIMAL = /0x[0-9a-fA-F]*/

/** Endpoints put revert data into `data` itself, or into an object or text inside it. */
function revertDataOf(data: unknown): string | null {
  if (typeof data === 'string') return HEXADECIMAL.exec(data)?.[0] ?? null
  if (typeof data !== 'object' || data === null || !('data' in data)) return null
  return typeof data.data === 'string' ? revertDataOf(data.data) : null
}
