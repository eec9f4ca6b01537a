import pLimit from 'p-limit'
import * as z from 'zod'
import { decodeHex, wipe } from '@orlop/crypto/bytes'
import type { Centre } from '../centre.ts'
import { getIssued, serialSchema } from '../certificates/certificate-records.ts'
import { recordIssued, signNew } from '../certificates/issue.ts'
import { newSerial, wholeSeconds } from '../certificates/new-serial.ts'
import { daysInMs, ROLE_RULES } from '../certificates/certificate-roles.ts'
import { generateSigningKey } from '../certificates/signing-key.ts'
import { decodeSecretRecord, putRecord } from '../keys/records.ts'
import { KmcError } from '../kmc-error.ts'
import { readTimestampQuery } from './timestamp-query.ts'
import { encodeGranted, encodeRefused } from './timestamp-reply.ts'
import { TimestampRefusal } from './timestamp-refusal.ts'
import { signTimestamp } from './timestamp-token.ts'

/** The policy of the centre's timestamps, under the arc of UUIDs (X.667): "time of the centre's clock, as accurate as the token says". */
export const TIMESTAMP_POLICY = '2.25.263546007880253631201462495099850508318'
const SIGNER_PLACE = 'timestamp/signer'
/** A signing key is used for so long; its certificate lives on for those who check tokens. */
const SIGNER_LIFE_MS = daysInMs(365)
const DEFAULT_ACCURACY_SECONDS = 2

const bytes = z.instanceof<typeof Uint8Array<ArrayBufferLike>>(Uint8Array)
const signerSchema = z.strictObject({
  /** Of the certificate. */
  serial: serialSchema,
  certificate: bytes,
  /** P-256, PKCS #8. */
  privateKey: bytes,
  madeAtMs: z.int(),
})
type Signer = z.infer<typeof signerSchema>

export interface TimestampsOptions {
  /** What the operator knows of the centre's clock: so far from UTC at most, 1 to 3600; 2 unless given. */
  readonly accuracySeconds?: number
}

/** The centre as a time-stamping authority (RFC 3161): its word that it has seen a digest at a time. */
export class Timestamps {
  readonly #centre: Centre
  readonly #accuracySeconds: number
  readonly #lock = pLimit(1)
  #lastTimeMs = 0

  constructor(
    centre: Centre,
    { accuracySeconds = DEFAULT_ACCURACY_SECONDS }: TimestampsOptions = {},
  ) {
    this.#centre = centre
    this.#accuracySeconds = accuracySeconds
  }

  /**
   * Answers a query. What cannot be granted is answered too, with the reason in the way of RFC 3161.
   *
   * @param query - TimeStampReq, DER, up to 1024 bytes.
   * @returns TimeStampResp, DER.
   * @throws what is no refusal, such as a store that fails.
   */
  async answer(query: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#grant(query)
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal === null) throw error
      return encodeRefused(refusal)
    }
  }

  async #grant(der: Uint8Array): Promise<Uint8Array> {
    const query = readTimestampQuery(der, TIMESTAMP_POLICY)
    const signer = await this.#lock(() => this.#signer())
    try {
      const token = signTimestamp({
        ...signer,
        query,
        policy: TIMESTAMP_POLICY,
        serial: decodeHex(await newSerial(this.#centre)),
        timeMs: this.#time(),
        accuracySeconds: this.#accuracySeconds,
      })
      return encodeGranted(token)
    } finally {
      wipe(signer.privateKey)
    }
  }

  /** Time never goes back further than it may be wrong anyway. */
  #time(): number {
    const timeMs = wholeSeconds(this.#centre.clock.nowMs())
    if (timeMs < this.#lastTimeMs - 1000 * this.#accuracySeconds) {
      throw new TimestampRefusal('timeNotAvailable', 'The clock of the centre was set back.')
    }
    this.#lastTimeMs = Math.max(this.#lastTimeMs, timeMs)
    return timeMs
  }

  /** The key of this year, made when there is none, or when its certificate was revoked. */
  async #signer(): Promise<Signer> {
    const { rows, clock } = this.#centre
    const current = readSigner(await rows.get(SIGNER_PLACE))
    if (current === null || clock.nowMs() - current.madeAtMs >= SIGNER_LIFE_MS) {
      return this.#replaceSigner(current)
    }
    const issued = await getIssued(rows, current.serial)
    return issued?.revoked === null ? current : this.#replaceSigner(current)
  }

  async #replaceSigner(before: Signer | null): Promise<Signer> {
    const { rows, clock, random } = this.#centre
    const { privateKey, publicKey } = await generateSigningKey((length) => random.generate(length))
    const { maxDays: days } = ROLE_RULES.timestamp
    const content = { role: 'timestamp', name: 'timestamps', hosts: [], days, publicKey } as const
    const issued = await signNew(this.#centre, content)
    const { serial, certificate } = issued
    const signer = { serial, certificate, privateKey, madeAtMs: clock.nowMs() }
    return rows.update(async (draft) => {
      const current = readSigner(await draft.get(SIGNER_PLACE))
      // Another replica was faster.
      if (current !== null && current.serial !== before?.serial) return current
      putRecord(draft, SIGNER_PLACE, signer)
      const act = { actor: 'centre', act: 'timestamp.signer', timeMs: clock.nowMs() }
      await recordIssued(draft, issued, act)
      return signer
    })
  }
}

function readSigner(row: Uint8Array | null): Signer | null {
  return row === null ? null : decodeSecretRecord(signerSchema, row)
}

/** What the asker may be told in an answer by RFC 3161; null for what went wrong here. */
function refusalOf(error: unknown): TimestampRefusal | null {
  if (error instanceof TimestampRefusal) return error
  if (error instanceof KmcError && error.code === 'CENTRE_SEALED') {
    return new TimestampRefusal('systemFailure', 'The centre is sealed.', error)
  }
  return null
}
