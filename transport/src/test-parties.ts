import { ethereumAddress, formatAddress, publicKey } from '@orlop/crypto/sign'
import { sha256 } from '@orlop/crypto/hash'
import { encodeUtf8 } from '@orlop/crypto/bytes'
import type { Deployment } from '@orlop/protocol/deployment'
import type { HelloSelf } from './hello.ts'

/** Ledger of the transport's tests. */
export const TEST_DEPLOYMENT: Deployment = {
  chainId: 31_337,
  registry: '0x1111111111111111111111111111111111111111',
  receipts: '0x2222222222222222222222222222222222222222',
  credit: '0x3333333333333333333333333333333333333333',
  fromBlock: 0,
}

/** 32 bytes that are the same in every run, different for every label. */
export function seedOf(label: string): Uint8Array {
  return sha256(encodeUtf8(`orlop test ${label}`))
}

export function selfOf(label: string, role: HelloSelf['role'], id: number): HelloSelf {
  return { role, id, signingKey: seedOf(`${label} ledger`), deployment: TEST_DEPLOYMENT }
}

/** The EIP-55 address behind {@link selfOf} of the same label. */
export function accountOf(label: string): string {
  return formatAddress(ethereumAddress(publicKey(seedOf(`${label} ledger`))))
}
