import { OrlopError } from '../errors.ts'

/** The typed error that `work` ends with; throws when it ends well or with another error. */
export async function failureOf(work: Promise<unknown>): Promise<OrlopError> {
  try {
    await work
  } catch (error) {
    if (error instanceof OrlopError) return error
    throw error
  }
  throw new Error('expected a failure, got a result')
}
