import { encodeCbor } from '@orlop/crypto/format/cbor'
import type { KeyName } from '../keys/keys.ts'
import { decodeKey, keyPlace, materialPlace } from '../keys/records.ts'
import type { OpenRow } from '../rows/row-draft.ts'

/** A key's rows without its bytes: its name stays, so that it is never used again. */
export function withoutKey(rows: readonly OpenRow[], { appId, keyId }: KeyName): OpenRow[] {
  const bytes = bytesOf({ appId, keyId })
  return rows
    .filter(({ place }) => !place.startsWith(bytes))
    .map(({ place, value }) =>
      place === keyPlace(appId, keyId)
        ? { place, value: encodeCbor({ ...decodeKey(value), state: 'destroyed' }) }
        : { place, value },
    )
}

/** Whether rows hold bytes of a key. */
export function holdsKey(rows: readonly OpenRow[], name: KeyName): boolean {
  return rows.some(({ place }) => place.startsWith(bytesOf(name)))
}

function bytesOf({ appId, keyId }: KeyName): string {
  return materialPlace(appId, keyId, 0).slice(0, -'00'.length)
}
