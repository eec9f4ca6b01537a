import { join } from 'node:path'
import type { Clock } from '@orlop/protocol/clock'
import { formatPem } from '../certificates/pem.ts'
import type { Certificates } from '../certificates/certificates.ts'
import { daysInMs, ROLE_RULES } from '../certificates/certificate-roles.ts'
import { formatIdentity, type Identity } from '@orlop/protocol/centre/identity'
import { KmcError } from '../kmc-error.ts'
import { issueIdentity, usableIdentity } from './issue-identity.ts'
import type { KmcHome } from './kmc-home.ts'
import { writeDurably } from './write-durably.ts'

/** The server's certificate is renewed when it is good for less. */
const SERVER_RENEWAL_MS = daysInMs(30)
/** With enough shares at hand, an administrator whose certificate is good for less gets a new one. */
const ADMINISTRATOR_RENEWAL_MS = daysInMs(7)
/** Who acts when the centre does it by itself. */
const ACTOR = 'centre'

/** What {@link LocalIdentities} needs. */
export interface LocalIdentitiesParts {
  readonly home: KmcHome
  readonly certificates: Certificates
  readonly clock: Clock
  /** Names and addresses that the centre is asked for by. */
  readonly hosts: readonly string[]
}

/** Keys and certificates in the home of a centre: its own, and those that it makes for its people when it begins. */
export class LocalIdentities {
  readonly #parts: LocalIdentitiesParts

  constructor(parts: LocalIdentitiesParts) {
    this.#parts = parts
  }

  /** Makes the authority where there is none, and keeps its certificate where people find it. @returns it, in PEM */
  async settleAuthority(): Promise<string> {
    const { certificates, home } = this.#parts
    const published = await certificates.published().catch(async (error: unknown) => {
      if (!(error instanceof KmcError) || error.code !== 'NOT_FOUND') throw error
      await certificates.create(ACTOR)
      return certificates.published()
    })
    const authority = formatPem('CERTIFICATE', published.certificate)
    await writeDurably(home.authority, authority)
    return authority
  }

  /** What the centre serves with, when it can still be used; null when the centre must be unsealed to make one. */
  async server(): Promise<Identity | null> {
    const { certificates, home, clock } = this.#parts
    const published = await certificates.published().catch((error: unknown) => {
      if (error instanceof KmcError && error.code === 'NOT_FOUND') return null
      throw error
    })
    if (published === null) return null
    const authority = formatPem('CERTIFICATE', published.certificate)
    return usableIdentity(home.serverIdentity, { authority, untilMs: clock.nowMs() })
  }

  /** The same of an unsealed centre, which makes a new one in time. */
  async settleServer(): Promise<Identity> {
    const { certificates, home, clock, hosts } = this.#parts
    const authority = await this.settleAuthority()
    const untilMs = clock.nowMs() + SERVER_RENEWAL_MS
    const kept = await usableIdentity(home.serverIdentity, { authority, untilMs, hosts })
    if (kept !== null) return kept
    const { maxDays: days } = ROLE_RULES.server
    const asked = { role: 'server', name: 'centre', hosts, days } as const
    const identity = await issueIdentity(certificates, ACTOR, asked)
    await writeDurably(home.serverIdentity, formatIdentity(identity))
    return identity
  }

  /** Gives this machine's administrator a certificate when it has none that is good for a while. @returns whether it did. */
  async settleAdministrator(): Promise<boolean> {
    const { certificates, home, clock } = this.#parts
    const authority = await this.settleAuthority()
    const untilMs = clock.nowMs() + ADMINISTRATOR_RENEWAL_MS
    const path = home.administratorIdentity
    if ((await usableIdentity(path, { authority, untilMs })) !== null) return false
    const { maxDays: days } = ROLE_RULES.administrator
    const asked = { role: 'administrator', name: 'administrator', days } as const
    await writeDurably(path, formatIdentity(await issueIdentity(certificates, ACTOR, asked)))
    return true
  }

  /** Makes each custodian a certificate to give the share with. */
  async addCustodian(index: number): Promise<void> {
    const { certificates, home } = this.#parts
    const { maxDays: days } = ROLE_RULES.custodian
    const asked = { role: 'custodian', name: `custodian-${index}`, days } as const
    const identity = await issueIdentity(certificates, ACTOR, asked)
    await writeDurably(identityFile(home, index), formatIdentity(identity))
  }
}

/** Where a custodian's identity is written. */
export function identityFile(home: KmcHome, index: number): string {
  return join(home.custodian(index), 'identity.pem')
}
