import { randomBytes } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ClientContext } from '../context.ts'
import type { Crews } from '../pipeline/crews.ts'
import type { UploadRecord } from './upload-record.ts'

/** What seals one object: this client's cards, or its crews alone. */
export interface ObjectSealing {
  readonly crews: Crews
  random(lengthBytes: number): Promise<Uint8Array>
  /** Who sealed it, for people; null for software of a client without cards. */
  describe(): string | null
}

/**
 * What is to seal an upload.
 *
 * @throws as {@link assertSealable}
 */
export function sealingOf(context: ClientContext, record: UploadRecord): ObjectSealing {
  const { cards, crews, events } = context
  const { objectId, treatment, cardPolicy } = record
  assertSealable(context, record)
  if (cards === null) {
    const random = (lengthBytes: number) => Promise.resolve(randomBytes(lengthBytes))
    return { crews, random, describe: () => null }
  }
  const sealing = cards.begin(
    { crews, events },
    {
      objectName: formatObjectId(objectId),
      suite: treatment.suite,
      policy: cardPolicy ?? cards.policy,
    },
  )
  return {
    crews: sealing,
    random: (lengthBytes) => sealing.random(lengthBytes),
    describe: () => sealing.describe(),
  }
}

/** @throws OrlopError `CARD_UNAVAILABLE` when a card must seal the upload, and this client's cannot or there is none */
export function assertSealable(
  { cards }: Pick<ClientContext, 'cards'>,
  { name, treatment, cardPolicy }: UploadRecord,
): void {
  cards?.assertCan(treatment.suite, cardPolicy)
  if (cards === null && cardPolicy === 'required') throw noCard(name)
}

function noCard(name: string): OrlopError {
  return new OrlopError(
    'CARD_UNAVAILABLE',
    `The upload of '${name}' was begun under the rule that a card must seal it, and this client has none. Store it again with the card, or abandon the upload.`,
  )
}
