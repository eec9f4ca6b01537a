/** How a parameter is passed: a handle, a pointer to memory, or 32 bits without sign. */
const PARAMETERS = { h: 'void *', p: 'void *', u: 'uint32' } as const

/**
 * The functions that the driver knows, with their parameters: GM/T 0018-2012 section 6 in its order, then what is
 * outside it.
 */
const FUNCTIONS = {
  SDF_OpenDevice: 'p',
  SDF_CloseDevice: 'h',
  SDF_OpenSession: 'hp',
  SDF_CloseSession: 'h',
  SDF_GetDeviceInfo: 'hp',
  SDF_GenerateRandom: 'hup',
  SDF_GetPrivateKeyAccessRight: 'hupu',
  SDF_ReleasePrivateKeyAccessRight: 'hu',
  SDF_ExportSignPublicKey_ECC: 'hup',
  SDF_ExportEncPublicKey_ECC: 'hup',
  SDF_GenerateKeyWithIPK_ECC: 'huupp',
  SDF_ImportKeyWithISK_ECC: 'hupp',
  SDF_ExchangeDigitEnvelopeBaseOnECC: 'huuppp',
  SDF_GenerateKeyWithKEK: 'huuuppp',
  SDF_ImportKeyWithKEK: 'huupup',
  SDF_DestroyKey: 'hh',
  SDF_ExternalVerify_ECC: 'huppup',
  SDF_InternalSign_ECC: 'hupup',
  SDF_ExternalEncrypt_ECC: 'huppup',
  SDF_Encrypt: 'hhuppupp',
  SDF_Decrypt: 'hhuppupp',
  SDF_CalculateMAC: 'hhuppupp',
  SDF_HashInit: 'huppu',
  SDF_HashUpdate: 'hpu',
  SDF_HashFinal: 'hpp',
  // Outside the standard of 2012. HMAC is of GM/T 0018-2023.
  SDF_ImportKey: 'hpup',
  SDF_InternalDecrypt_ECC: 'huuppp',
  SDF_HMACInit: 'hhu',
  SDF_HMACUpdate: 'hpu',
  SDF_HMACFinal: 'hpp',
} as const

export type SdfFunctionName = keyof typeof FUNCTIONS

export const SDF_FUNCTION_NAMES = Object.keys(FUNCTIONS) as readonly SdfFunctionName[]

/** Without these a device is of no use here. Of the others it may lack any. */
export const REQUIRED_FUNCTIONS: readonly SdfFunctionName[] = [
  'SDF_OpenDevice',
  'SDF_CloseDevice',
  'SDF_OpenSession',
  'SDF_CloseSession',
  'SDF_GetDeviceInfo',
  'SDF_GenerateRandom',
  'SDF_DestroyKey',
  'SDF_Encrypt',
  'SDF_Decrypt',
]

/** The types of a function's parameters. @param takesNumber - see `SdfProfile.decryptTakesNumber` */
export function parameterTypes(name: SdfFunctionName, takesNumber: boolean): string[] {
  const codes = name === 'SDF_InternalDecrypt_ECC' && !takesNumber ? 'huppp' : FUNCTIONS[name]
  return Array.from(codes, (code) => PARAMETERS[code as keyof typeof PARAMETERS])
}
