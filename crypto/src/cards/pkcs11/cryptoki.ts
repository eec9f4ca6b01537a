import { CardLibraryError } from '../card-errors.ts'

/** A CK_ULONG as the library holds it: a slot, a session or an object. */
export type CkHandle = Buffer

export interface CkMechanism {
  readonly mechanism: number
  readonly parameter?: Buffer | CkGcmParameter
}

/** CK_GCM_PARAMS of PKCS #11 v2.40. */
export interface CkGcmParameter {
  /** CK_PARAMS_AES_GCM_v240 of pkcs11js: which structure it makes of this. */
  readonly type: number
  readonly iv: Buffer
  readonly ivBits: number
  readonly aad: Buffer
  readonly tagBits: number
}

export interface CkAttribute {
  readonly type: number
  readonly value?: number | boolean | string | Buffer
}

export interface CkTokenInfo {
  readonly label: string
  readonly manufacturerID: string
  readonly model: string
  readonly serialNumber: string
  readonly flags: number
  readonly firmwareVersion: { readonly major: number; readonly minor: number }
}

/** What the driver uses of pkcs11js: C functions by their names, the `Async` ones off the event loop. */
export interface Cryptoki {
  load(path: string): void
  C_Initialize(options: { flags: number }): void
  C_Finalize(): void
  C_GetSlotList(tokenPresent: boolean): CkHandle[]
  C_GetTokenInfo(slot: CkHandle): CkTokenInfo
  C_GetMechanismList(slot: CkHandle): number[]
  C_OpenSession(slot: CkHandle, flags: number): CkHandle
  C_CloseSession(session: CkHandle): void
  C_Login(session: CkHandle, userType: number, pin: string): void
  C_GenerateRandom(session: CkHandle, into: Buffer): Buffer
  C_CreateObject(session: CkHandle, template: CkAttribute[]): CkHandle
  C_DestroyObject(session: CkHandle, object: CkHandle): void
  C_FindObjectsInit(session: CkHandle, template: CkAttribute[]): void
  C_FindObjects(session: CkHandle, most: number): CkHandle[]
  C_FindObjectsFinal(session: CkHandle): void
  C_GetAttributeValue(
    session: CkHandle,
    object: CkHandle,
    template: CkAttribute[],
  ): { type: number; value: Buffer }[]
  C_GenerateKey(session: CkHandle, mechanism: CkMechanism, template: CkAttribute[]): CkHandle
  C_GenerateKeyPairAsync(
    session: CkHandle,
    mechanism: CkMechanism,
    publicTemplate: CkAttribute[],
    privateTemplate: CkAttribute[],
  ): Promise<{ publicKey: CkHandle; privateKey: CkHandle }>
  C_WrapKey(
    session: CkHandle,
    mechanism: CkMechanism,
    wrappingKey: CkHandle,
    key: CkHandle,
    into: Buffer,
  ): Buffer
  C_UnwrapKey(
    session: CkHandle,
    mechanism: CkMechanism,
    unwrappingKey: CkHandle,
    wrapped: Buffer,
    template: CkAttribute[],
  ): CkHandle
  C_EncryptInit(session: CkHandle, mechanism: CkMechanism, key: CkHandle): void
  C_EncryptAsync(session: CkHandle, data: Buffer, into: Buffer): Promise<Buffer>
  C_EncryptFinalAsync(session: CkHandle, into: Buffer): Promise<Buffer>
  C_DecryptInit(session: CkHandle, mechanism: CkMechanism, key: CkHandle): void
  C_DecryptAsync(session: CkHandle, data: Buffer, into: Buffer): Promise<Buffer>
  C_SignInit(session: CkHandle, mechanism: CkMechanism, key: CkHandle): void
  C_SignAsync(session: CkHandle, data: Buffer, into: Buffer): Promise<Buffer>
  C_SignFinalAsync(session: CkHandle, into: Buffer): Promise<Buffer>
  C_VerifyInit(session: CkHandle, mechanism: CkMechanism, key: CkHandle): void
  C_VerifyAsync(session: CkHandle, data: Buffer, signature: Buffer): Promise<boolean>
  C_DigestInit(session: CkHandle, mechanism: CkMechanism): void
  C_DigestUpdate(session: CkHandle, data: Buffer): void
  C_DigestFinalAsync(session: CkHandle, into: Buffer): Promise<Buffer>
}

/** Not a literal, so that this package builds and bundles where the optional one is not installed. */
const PACKAGE: string = 'pkcs11js'

/**
 * Loads the binding.
 *
 * @throws CardLibraryError `package-missing` when the optional package is not installed
 */
export async function loadCryptoki(card: string): Promise<Cryptoki> {
  try {
    const loaded = (await import(PACKAGE)) as { default: { PKCS11: new () => Cryptoki } }
    return new loaded.default.PKCS11()
  } catch (cause) {
    throw new CardLibraryError(
      card,
      'package-missing',
      `cards by PKCS #11 need the package ${PACKAGE}, which is not installed or not compiled; with a C++ ` +
        `compiler and Python, run: npm install ${PACKAGE} && npm rebuild ${PACKAGE} --ignore-scripts=false`,
      { cause },
    )
  }
}
