import { OrlopError } from '@orlop/protocol/errors'

/** @param index - the custodian's place, from 1. @param what - what is the matter with the share, and what to do. */
export function shareInvalid(index: number, what: string, cause?: unknown): OrlopError {
  return new OrlopError('SHARE_INVALID', `The share of custodian ${index} ${what}.`, {
    cause,
    details: { custodian: index },
  })
}
