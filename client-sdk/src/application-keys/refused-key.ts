import { OrlopError } from '@orlop/protocol/errors'

/** @param reason - what is the matter with the key, as in "was destroyed". */
export function refusedKey(
  { appId, keyId }: { readonly appId: string; readonly keyId: string },
  reason: string,
): OrlopError {
  return new OrlopError(
    'APP_KEY_REFUSED',
    `The key '${keyId}' of the application '${appId}' ${reason}. Ask an administrator of the key management centre.`,
    { details: { appId, keyId } },
  )
}
