import { equalConstantTime } from '@orlop/crypto/bytes'
import { CARD_ALGORITHMS, type CardHashName } from '@orlop/crypto/cards/algorithms'
import type { CardHash } from '@orlop/crypto/cards/card'
import type { Centre } from '../centre.ts'
import { withCardKey } from './card-key.ts'
import {
  algorithmsFor,
  type DigitalEnvelope,
  openEnvelope,
  parseRecipient,
  sealEnvelope,
} from './envelopes.ts'
import {
  ENVELOPE_ALGORITHMS,
  publicKeyOf,
  SIGNATURE_ALGORITHMS,
  type SignatureEncoding,
  signMessage,
  verifyMessage,
} from './key-pairs.ts'
import {
  CIPHER_ALGORITHMS,
  type CipherAlgorithm,
  decryptMessage,
  encryptMessage,
  isForCards,
  type Message,
  versionOfMessage,
} from './message-cipher.ts'
import { type Caller, Operations, type OperationsParts } from './operations.ts'

export const MAC_ALGORITHMS = ['hmac-sha256', 'hmac-sm3'] as const
export const HASH_ALGORITHMS = CARD_ALGORITHMS.hash
const PAIR_ALGORITHMS = [...SIGNATURE_ALGORITHMS, ...ENVELOPE_ALGORITHMS] as const

/** Names a key of the caller's application. */
export interface KeyVersion {
  readonly keyId: string
  /** From 1; null for the newest. */
  readonly version: number | null
}

/** What is signed. */
export interface SignedData {
  readonly data: Uint8Array
  readonly encoding: SignatureEncoding
}

/**
 * What the centre does for applications with keys that never leave it. Every method takes the caller first, whose own keys these are,
 * and throws as {@link Operations.run} and {@link Operations.runWithKey} do.
 */
export class Platform {
  readonly #centre: Centre
  readonly #operations: Operations

  constructor(parts: OperationsParts) {
    this.#centre = parts.centre
    this.#operations = new Operations(parts)
  }

  /** Puts numbers of uses on record. @param which - `all` before the centre stops */
  async flushUses(which: 'ended' | 'all'): Promise<void> {
    await this.#operations.uses.flush(which)
  }

  /** Encrypts by the newest version. @returns what {@link Platform.decrypt} takes, which names the version too */
  async encrypt(caller: Caller, keyId: string, message: Message) {
    return this.#operations.runWithKey(
      caller,
      { ...CIPHER, name: 'encrypt', keyId, version: null },
      async (card, key) => ({
        version: key.version,
        ciphertext: await encryptMessage(card, key, message),
      }),
    )
  }

  /** Decrypts by the version that the ciphertext names. @param message - `data` is the ciphertext. @throws KmcError `NOT_AUTHENTIC` */
  async decrypt(caller: Caller, keyId: string, message: Message): Promise<Uint8Array> {
    const version = versionOfMessage(message.data)
    return this.#operations.runWithKey(
      caller,
      { ...CIPHER, name: 'decrypt', keyId, version },
      (card, key) => decryptMessage(card, key, message),
    )
  }

  /** The MAC of data: 32 bytes. */
  async mac(caller: Caller, key: KeyVersion, data: Uint8Array) {
    return this.#mac('mac', caller, key, data)
  }

  /** Whether a MAC is right. */
  async verifyMac(
    caller: Caller,
    key: KeyVersion,
    { data, mac }: { data: Uint8Array; mac: Uint8Array },
  ) {
    const right = await this.#mac('verify-mac', caller, key, data)
    return { version: right.version, valid: equalConstantTime(right.mac, mac) }
  }

  /** Signs data. */
  async sign(caller: Caller, key: KeyVersion, { data, encoding }: SignedData) {
    return this.#operations.runWithKey(
      caller,
      { ...SIGNATURE, ...key, name: 'sign' },
      (_card, used) =>
        Promise.resolve({
          version: used.version,
          algorithm: used.algorithm,
          signature: signMessage(used, data, encoding),
        }),
    )
  }

  /** Whether a signature of one of the application's keys is right. */
  async verify(caller: Caller, key: KeyVersion, signed: SignedData & { signature: Uint8Array }) {
    return this.#operations.runWithKey(
      caller,
      { ...SIGNATURE, ...key, name: 'verify' },
      (_card, used) =>
        Promise.resolve({
          version: used.version,
          valid: verifyMessage(used, signed.data, signed),
        }),
    )
  }

  /** The public key of a pair, as PEM (SubjectPublicKeyInfo). */
  async publicKey(caller: Caller, key: KeyVersion) {
    return this.#operations.runWithKey(
      caller,
      { ...key, algorithms: PAIR_ALGORITHMS, onCard: () => [], name: 'public-key' },
      (_card, used) =>
        Promise.resolve({
          version: used.version,
          algorithm: used.algorithm,
          publicKey: publicKeyOf(used).export({ type: 'spki', format: 'pem' }).toString(),
        }),
    )
  }

  /** Puts data into a digital envelope. @param recipient - public key, PEM: SM2, or RSA of 2048 to 4096 bits */
  async sealEnvelope(
    caller: Caller,
    recipient: string,
    data: Uint8Array,
  ): Promise<DigitalEnvelope> {
    const parsed = parseRecipient(recipient)
    const random = (lengthBytes: number) => this.#centre.random.generate(lengthBytes)
    return this.#operations.run(
      caller,
      { name: 'seal-envelope', onCard: algorithmsFor(parsed.kind), isRepeatable: true },
      (card) => sealEnvelope(card, { recipient: parsed, data, random }),
    )
  }

  /** Opens a digital envelope with one of the application's private keys. @throws KmcError `NOT_AUTHENTIC` */
  async openEnvelope(caller: Caller, key: KeyVersion, envelope: DigitalEnvelope) {
    return this.#operations.runWithKey(
      caller,
      {
        ...{ ...key, algorithms: ENVELOPE_ALGORITHMS, name: 'open-envelope' },
        onCard: () => algorithmsFor(envelope.kind).filter((one) => one !== 'sm2-encrypt'),
      },
      (card, used) => openEnvelope(card, used, envelope),
    )
  }

  /** The digest of data that comes in pieces. The pieces are read once, so a card that goes away ends the operation. */
  async hash(
    caller: Caller,
    algorithm: CardHashName,
    pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<Uint8Array> {
    const operation = { name: 'hash', onCard: [algorithm], isRepeatable: false }
    return this.#operations.run(caller, operation, async (card) => {
      const hash = await card.createHash(algorithm)
      return digestOf(hash, pieces)
    })
  }

  /** Random bytes of the centre's monitored source. @param lengthBytes - 1 to 1024 */
  async random(caller: Caller, lengthBytes: number): Promise<Uint8Array> {
    const operation = { name: 'random', onCard: [], isRepeatable: true }
    return this.#operations.run(caller, operation, () => this.#centre.random.generate(lengthBytes))
  }

  async #mac(name: string, caller: Caller, key: KeyVersion, data: Uint8Array) {
    return this.#operations.runWithKey(
      caller,
      { ...key, name, algorithms: MAC_ALGORITHMS, onCard: (algorithm) => [algorithm] },
      async (card, { algorithm, bytes, version }) => ({
        version,
        mac: await withCardKey({ card, type: 'hmac', bytes }, (cardKey) =>
          card.mac({ algorithm, key: cardKey, data }),
        ),
      }),
    )
  }
}

const CIPHER = {
  algorithms: CIPHER_ALGORITHMS,
  onCard: (algorithm: CipherAlgorithm) => (isForCards(algorithm) ? [algorithm] : []),
}
/** No card takes private keys from outside: this process signs. */
const SIGNATURE = { algorithms: SIGNATURE_ALGORITHMS, onCard: () => [] }

async function digestOf(
  hash: CardHash,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Uint8Array> {
  try {
    for await (const piece of pieces) await hash.update(piece)
    return await hash.digest()
  } finally {
    await hash.dispose()
  }
}
