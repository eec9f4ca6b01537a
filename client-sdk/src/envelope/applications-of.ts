import type { Stanza } from '@orlop/crypto/format/stanza'
import { applicationKeyOf } from '@orlop/crypto/keys/application-stanza'
import type { CatalogueEntry } from '../home/catalogue.ts'

/** The keys of applications that an envelope names, as the catalogue keeps them. @throws MalformedError for stanzas that are none */
export function applicationsOf(stanzas: readonly Stanza[]): Pick<CatalogueEntry, 'applications'> {
  const names = stanzas.map(applicationKeyOf).filter((name) => name !== null)
  if (names.length === 0) return {}
  const applications = names.map(({ appId, keyId, version }) => ({ appId, keyId, version }))
  return { applications }
}
