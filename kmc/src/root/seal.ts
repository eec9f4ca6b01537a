import pLimit from 'p-limit'
import { equalConstantTime, wipe } from '@orlop/crypto/bytes'
import { checkShare, joinShares, type SecretShare } from '@orlop/crypto/thresholds/secret-shares'
import { ShareError } from '@orlop/crypto/thresholds/threshold-errors'
import { KmcError } from '../kmc-error.ts'
import { deriveRootKeys, rootVerifier, signerOf, wipeRootKeys, type RootKeys } from './root-keys.ts'
import type { RootRecord } from './root-record.ts'

/** How far a centre is on its way from sealed to unsealed. */
export interface SealStatus {
  readonly state: 'sealed' | 'collecting' | 'unsealed'
  /** Indices of the shares that were given, from 1, in order; none once it is unsealed. */
  readonly given: readonly number[]
  readonly threshold: number
}

/**
 * Keeps the centre's keys, in memory only: sealed → collecting (shares come one by one, each is checked at once) → unsealed, and back
 * by {@link Seal.seal}.
 */
export class Seal {
  readonly record: RootRecord
  readonly #shares = new Map<number, SecretShare>()
  readonly #lock = pLimit(1)
  #keys: RootKeys | null = null
  /** Counts sealings, so that one in the middle of an unsealing is the last word. */
  #sealings = 0

  constructor(record: RootRecord) {
    this.record = record
  }

  get status(): SealStatus {
    const { threshold } = this.record.set
    if (this.#keys !== null) return { state: 'unsealed', given: [], threshold }
    const given = [...this.#shares.keys()].sort((left, right) => left - right)
    return { state: given.length === 0 ? 'sealed' : 'collecting', given, threshold }
  }

  /** The centre's name, 16 bytes. */
  get centreId(): Uint8Array {
    return this.record.set.setId
  }

  /**
   * Takes a copy of one custodian's share; the last that is needed unseals. A share given twice counts once, and one given after that is
   * checked and forgotten.
   *
   * @throws KmcError `SHARE_REFUSED` names a share that is damaged or of another set; those given before stay.
   * @throws KmcError `ROOT_MISMATCH` when the joined key is not the record's: all shares are forgotten.
   */
  async submit(share: SecretShare): Promise<SealStatus> {
    return this.#lock(async () => {
      this.#check(share)
      if (this.#keys !== null) return this.status
      wipe(this.#shares.get(share.index)?.bytes ?? new Uint8Array())
      this.#shares.set(share.index, { ...share, bytes: share.bytes.slice() })
      if (this.#shares.size >= this.record.set.threshold) await this.#unseal()
      return this.status
    })
  }

  /**
   * Takes copies of the keys themselves, from where they were kept. The caller wipes its own.
   *
   * @throws KmcError `ROOT_MISMATCH` when they are not the record's.
   */
  async submitKeys({ rowKey, backupKey, signingKey }: RootKeys): Promise<SealStatus> {
    return this.#lock(() => {
      if (this.#keys !== null) return this.status
      if (!equalConstantTime(signerOf({ rowKey, backupKey, signingKey }), this.record.signer)) {
        throw new KmcError(
          'ROOT_MISMATCH',
          'The keys that were kept are not those of the record of the root key: one of the two was changed.',
        )
      }
      this.#keys = {
        rowKey: rowKey.slice(),
        backupKey: backupKey.slice(),
        signingKey: signingKey.slice(),
      }
      this.#forgetShares()
      return this.status
    })
  }

  /** Forgets keys and shares at once. What runs and needs the keys fails with `CENTRE_SEALED`. */
  seal(): void {
    this.#sealings += 1
    if (this.#keys !== null) wipeRootKeys(this.#keys)
    this.#keys = null
    this.#forgetShares()
  }

  /** The centre's keys. Use them at once and keep no reference. @throws KmcError `CENTRE_SEALED` */
  get keys(): RootKeys {
    if (this.#keys !== null) return this.#keys
    const { given, threshold } = this.status
    throw new KmcError(
      'CENTRE_SEALED',
      `The centre is sealed: ${given.length} of ${threshold} shares were given. Ask further custodians for theirs.`,
      { details: { given: given.length, threshold } },
    )
  }

  #check(share: SecretShare): void {
    try {
      checkShare(this.record.set, share)
    } catch (cause) {
      if (!(cause instanceof ShareError)) throw cause
      throw new KmcError('SHARE_REFUSED', `A share was refused: ${cause.message}.`, {
        cause,
        details: { index: share.index, reason: cause.reason },
      })
    }
  }

  async #unseal(): Promise<void> {
    const { set, verifier, signer } = this.record
    const sealings = this.#sealings
    const root = await joinShares(set, [...this.#shares.values()])
    try {
      if (sealings !== this.#sealings) return
      const isRight = equalConstantTime(rootVerifier(root, set.setId), verifier)
      const keys = deriveRootKeys(root, set.setId)
      if (!isRight || !equalConstantTime(signerOf(keys), signer)) {
        wipeRootKeys(keys)
        throw new KmcError(
          'ROOT_MISMATCH',
          'The shares give another key than the record of the root key names: the record was changed. Copy it from a replica or a backup.',
        )
      }
      this.#keys = keys
    } finally {
      wipe(root)
      this.#forgetShares()
    }
  }

  #forgetShares(): void {
    wipe(...[...this.#shares.values()].map(({ bytes }) => bytes))
    this.#shares.clear()
  }
}
