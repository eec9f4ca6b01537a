import type { Stanza } from '@orlop/crypto/format/stanza'
import { applicationKeyOf } from '@orlop/crypto/keys/application-stanza'
import type { CatalogueEntry } from '../home/catalogue.ts'

/** The keys of applications that an envelope names, as the catalogue keeps them. @throws MalformedError for stanzas that are none */
export function applicationsOf(stanzas: readonly Stanza[]): Pick<CatalogueEntry, 'applications'> {
  const applications = stanzas.map(applicationKeyOf).filter((name) => name !== null)
  return applications.length === 0 ? {} : { applications }
}
