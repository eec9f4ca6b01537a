import { type ErrorCode } from '@orlop/protocol/error-codes'
import { OrlopError } from '@orlop/protocol/errors'

export interface HttpRefusalOptions {
  status: number
  /** Sent with the answer, such as `Allow`. */
  headers?: Readonly<Record<string, string>>
}

/** A failure whose HTTP status is not the one that its code usually has. */
export class HttpRefusal extends OrlopError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, message: string, { status, headers = {} }: HttpRefusalOptions) {
    super(code, message)
    this.status = status
    this.headers = headers
  }
}
