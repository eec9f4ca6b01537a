import { TypedDataEncoder, getAddress, getBytes } from 'ethers'
import * as z from 'zod'
import { keccak256 } from '@orlop/crypto/hash'
import { formatAddress, recoverAddress, signDigest } from '@orlop/crypto/sign'
import type { Deployment, LedgerContract } from './deployment.ts'
import { OrlopError } from './errors.ts'

/** The Solidity types that signed messages use, and how each looks in TypeScript. */
interface TypeScriptOf {
  address: string
  bytes32: Uint8Array
  string: string
  uint8: number
  uint16: number
  uint32: number
  'uint32[]': number[]
  uint64: number
}

type SolidityType = keyof TypeScriptOf
export type Fields = Readonly<Record<string, SolidityType>>
export type MessageOf<F extends Fields> = { -readonly [K in keyof F]: TypeScriptOf[F[K]] }

/** One kind of signed message: its EIP-712 struct and the contract whose domain it is signed in. */
export interface MessageType<F extends Fields = Fields> {
  readonly name: string
  readonly contract: LedgerContract
  readonly fields: F
  readonly schema: z.ZodType<MessageOf<F>>
  readonly encoder: TypedDataEncoder
}

/** A message with its signer's 64-byte compact signature (EIP-2098, low s). */
export interface Signed<M> {
  message: M
  signature: Uint8Array
}

export const bytes = (lengthBytes: number) =>
  z.instanceof(Uint8Array<ArrayBufferLike>).refine((value) => value.length === lengthBytes, {
    error: `expected ${lengthBytes} bytes`,
  })
const signatureBytes = bytes(64)

const uint = (bits: number) =>
  z
    .int()
    .nonnegative()
    .max(Math.min(2 ** bits - 1, Number.MAX_SAFE_INTEGER))

const SCHEMAS: { [T in SolidityType]: () => z.ZodType<TypeScriptOf[T]> } = {
  address: () => z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  bytes32: () => bytes(32),
  string: () => z.string().max(256),
  uint8: () => uint(8),
  uint16: () => uint(16),
  uint32: () => uint(32),
  'uint32[]': () => z.array(uint(32)).max(16),
  uint64: () => uint(53),
}

/**
 * Declares a signed message. The order of `fields` is the order of the EIP-712 struct and therefore normative.
 *
 * @param contract - whose EIP-712 domain the message belongs to, so that no message means anything elsewhere.
 */
export function defineMessage<const F extends Fields>(
  name: string,
  contract: LedgerContract,
  fields: F,
): MessageType<F> {
  const shape = Object.fromEntries(
    Object.entries(fields).map(([field, type]) => [field, SCHEMAS[type]()]),
  )
  const struct = Object.entries(fields).map(([field, type]) => ({ name: field, type }))
  return {
    name,
    contract,
    fields,
    schema: z.strictObject(shape) as unknown as z.ZodType<MessageOf<F>>,
    encoder: TypedDataEncoder.from({ [name]: struct }),
  }
}

/** The zod schema of a message with its signature, for wire messages. */
export function signedSchema<F extends Fields>(type: MessageType<F>) {
  return z.strictObject({ message: type.schema, signature: signatureBytes })
}

const separators = new WeakMap<Deployment, Map<LedgerContract, Uint8Array>>()

/** EIP-712 domain separator of one contract; kept for each deployment object, since every message needs it. */
function domainSeparator(deployment: Deployment, contract: LedgerContract): Uint8Array {
  const known = separators.get(deployment) ?? new Map<LedgerContract, Uint8Array>()
  separators.set(deployment, known)
  let separator = known.get(contract)
  if (separator === undefined) {
    separator = getBytes(
      TypedDataEncoder.hashDomain({
        name: 'Orlop',
        version: '1',
        chainId: deployment.chainId,
        verifyingContract: deployment[contract],
      }),
    )
    known.set(contract, separator)
  }
  return separator
}

/**
 * The 32 bytes that are signed: keccak256(0x19 0x01 ‖ domain separator ‖ struct hash), EIP-712.
 *
 * @throws RangeError when the message does not fit its type (see {@link MessageType.schema} for reading untrusted ones).
 */
export function digestOf<F extends Fields>(
  type: MessageType<F>,
  deployment: Deployment,
  message: MessageOf<F>,
): Uint8Array {
  const checked = type.schema.safeParse(message)
  if (!checked.success) throw new RangeError(`${type.name}: ${z.prettifyError(checked.error)}`)
  const preimage = new Uint8Array(66)
  preimage.set([0x19, 0x01])
  preimage.set(domainSeparator(deployment, type.contract), 2)
  preimage.set(getBytes(type.encoder.hash(message)), 34)
  return keccak256(preimage)
}

/**
 * Signs a message with a ledger key.
 *
 * @param privateKey - 32 bytes; read, not kept.
 */
export function signMessage<F extends Fields>(
  type: MessageType<F>,
  deployment: Deployment,
  message: MessageOf<F>,
  privateKey: Uint8Array,
): Signed<MessageOf<F>> {
  return { message, signature: signDigest(digestOf(type, deployment, message), privateKey) }
}

/**
 * Who signed: the EIP-55 address recovered from the signature. Compare it with the one you expect.
 *
 * @throws OrlopError `SIGNATURE_INVALID` when the bytes are no signature (high s included).
 */
export function signerOf<F extends Fields>(
  type: MessageType<F>,
  deployment: Deployment,
  signed: Signed<MessageOf<F>>,
): string {
  try {
    return formatAddress(
      recoverAddress(digestOf(type, deployment, signed.message), signed.signature),
    )
  } catch (cause) {
    throw new OrlopError(
      'SIGNATURE_INVALID',
      `The signature of a ${type.name} message is not valid. Sign the message again with the registered key.`,
      { cause },
    )
  }
}

/**
 * Checks that `address` signed the message.
 *
 * @throws OrlopError `SIGNATURE_INVALID` when somebody else did, or nobody.
 */
export function assertSignedBy<F extends Fields>(
  type: MessageType<F>,
  deployment: Deployment,
  signed: Signed<MessageOf<F>>,
  address: string,
): void {
  const signer = signerOf(type, deployment, signed)
  if (signer === getAddress(address)) return
  throw new OrlopError(
    'SIGNATURE_INVALID',
    `A ${type.name} message is signed by ${signer}, expected ${getAddress(address)}. Check which key and which ledger are in use.`,
  )
}
