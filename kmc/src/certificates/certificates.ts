import { X509Certificate } from 'node:crypto'
import type { Centre } from '../centre.ts'
import { KmcError } from '../kmc-error.ts'
import { authenticate } from './authenticate.ts'
import {
  decodeIssued,
  getAuthorityCertificate,
  getIssued,
  ISSUED_PLACES,
  type IssuedCertificate,
  issuedPlace,
  noSuchCertificate,
  type RevocationReason,
} from './certificate-records.ts'
import { readCertificateRequest } from './certificate-request.ts'
import { type CertificateRole, DEFAULT_DAYS, roleSchema } from './certificate-roles.ts'
import { createAuthority } from './create-authority.ts'
import { recordIssued, recordRenewal, signNew } from './issue.ts'
import type { Peer } from './peer.ts'
import { publish, type PublishedAuthority, readPublished } from './published.ts'
import { currentCrl, revokeInDraft } from './revocations.ts'

/** Asks for a certificate. */
export interface IssueRequest {
  /** PKCS #10, PEM or DER, at most 16 KiB. Its key counts; names in it do not. */
  readonly request: string | Uint8Array
  readonly role: CertificateRole
  /** 1 to 63 lower-case letters, digits, dots or hyphens. For `application` the `appId`. */
  readonly name: string
  /** DNS names and IP addresses, up to 16, for roles that serve; a `server` needs one. */
  readonly hosts?: readonly string[]
  /** 1 to 398 (custodians 1826); 90 when left out. Never beyond the authority's own end. */
  readonly days?: number
}

/** The centre's X.509 authority: certificates for its people, applications and services. Every act is in the audit log. */
export class Certificates {
  readonly #centre: Centre

  constructor(centre: Centre) {
    this.#centre = centre
  }

  /** Makes the authority, good for ten years. @throws KmcError `ALREADY_EXISTS`, `CENTRE_SEALED`, `RANDOM_REFUSED` */
  async create(actor: string): Promise<void> {
    await createAuthority(this.#centre, actor)
    await this.published()
  }

  /**
   * The authority's certificate and its list of revoked ones, which is signed anew when it is a day old and good for seven. A sealed
   * centre gives what it published last.
   *
   * @throws KmcError `NOT_FOUND` before there is an authority
   */
  async published(): Promise<PublishedAuthority> {
    const { rows, seal, store } = this.#centre
    if (seal.status.state !== 'unsealed') return readPublished(store)
    const certificate = await getAuthorityCertificate(rows)
    const published = { certificate, crl: await currentCrl(this.#centre) }
    await publish(store, published)
    return published
  }

  /**
   * Issues a certificate.
   *
   * @throws KmcError `REQUEST_INVALID`; `NOT_ALLOWED` for what the role cannot have; `NOT_FOUND` without an authority; `CENTRE_SEALED`;
   *   `RANDOM_REFUSED`.
   */
  async issue(actor: string, asked: IssueRequest): Promise<IssuedCertificate> {
    const { role, name, hosts = [], days = DEFAULT_DAYS } = asked
    const publicKey = await readCertificateRequest(asked.request)
    const issued = await signNew(this.#centre, { role, name, hosts, days, publicKey })
    const timeMs = this.#centre.clock.nowMs()
    await this.#centre.rows.update((draft) =>
      recordIssued(draft, issued, { actor, act: 'certificate.issue', timeMs }),
    )
    return issued
  }

  /**
   * Issues the next certificate for the same role, name and hosts and as many days. The one before stays good until it expires; revoking
   * it revokes the new one too. Up to 16 that were renewed one by another are good at the same time.
   *
   * @param request - PKCS #10 with the next key; null for the same again, which its owner has shown to hold by now.
   * @throws KmcError `NOT_ALLOWED` when the certificate is revoked or expired, 16 of its family are good, or the centre issues its role to itself
   *   alone; else as {@link Certificates.issue}.
   */
  async renew(
    actor: string,
    serial: string,
    request: string | Uint8Array | null,
  ): Promise<IssuedCertificate> {
    const before = await this.get(serial)
    if (before === null) throw noSuchCertificate(serial)
    assertRenewable(before)
    const publicKey = request === null ? publicKeyOf(before) : await readCertificateRequest(request)
    const issued = await signNew(this.#centre, { ...before, publicKey })
    const timeMs = this.#centre.clock.nowMs()
    await this.#centre.rows.update((draft) =>
      recordRenewal(draft, issued, { actor, serial, timeMs }),
    )
    return issued
  }

  /**
   * Revokes a certificate and those it was renewed by. Peers learn of it by the list; this centre knows at once.
   *
   * @returns the serials that were revoked now.
   * @throws KmcError `NOT_FOUND`, `QUOTA_EXCEEDED` beyond 2000 on the list, `CENTRE_SEALED`
   */
  async revoke(actor: string, serial: string, reason: RevocationReason): Promise<string[]> {
    const revoked = await this.#centre.rows.update((draft) =>
      revokeInDraft(this.#centre, draft, { actor, serial, reason }),
    )
    await this.published()
    return revoked
  }

  /** What is known of a certificate, or null. */
  async get(serial: string): Promise<IssuedCertificate | null> {
    return getIssued(this.#centre.rows, serial)
  }

  /** Certificates by serial number. @param page - `limit` 1 to 50; `after` is the last serial of the page before. */
  async list(page: { after?: string; limit: number }): Promise<IssuedCertificate[]> {
    const { after, limit } = page
    const rows = await this.#centre.rows.list(ISSUED_PLACES, {
      limit,
      ...(after === undefined ? {} : { after: issuedPlace(after) }),
    })
    return rows.map(({ value }) => decodeIssued(value))
  }

  /** See {@link authenticate}. */
  async authenticate(certificate: Uint8Array): Promise<Peer> {
    return authenticate(this.#centre, certificate)
  }
}

/** What the centre issues to itself alone, for keys that never leave it, nobody gets for a key of his own. */
function assertRenewable({ serial, role }: IssuedCertificate): void {
  if (roleSchema.safeParse(role).success) return
  throw new KmcError(
    'NOT_ALLOWED',
    `The certificate '${serial}' is of the centre's own key for the role ${role}. The centre replaces it by itself; revoke it to have that done now.`,
    { details: { serial, role } },
  )
}

/** SubjectPublicKeyInfo, DER. */
function publicKeyOf({ certificate }: IssuedCertificate): Uint8Array {
  return new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })
}
