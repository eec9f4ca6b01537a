import { encodeHex, wipe } from '@orlop/crypto/bytes'
import { appendAudit } from '../audit/audit-log.ts'
import type { Centre } from '../centre.ts'
import { putRecord } from '../keys/records.ts'
import { KmcError } from '../kmc-error.ts'
import { AUTHORITY_CERTIFICATE_PLACE, AUTHORITY_PLACE } from './certificate-records.ts'
import { BACKDATED_MS, daysInMs } from './certificate-roles.ts'
import { newSerial, wholeSeconds } from './new-serial.ts'
import { signNextCrl } from './revocations.ts'
import { generateSigningKey, importSigningKey } from './signing-key.ts'
import { encodeAuthorityCertificate } from './x509-forms.ts'

const AUTHORITY_DAYS = 3653

/**
 * Makes the centre's certificate authority, with a first and empty list of revoked certificates.
 *
 * @throws KmcError `ALREADY_EXISTS`, `CENTRE_SEALED`, `RANDOM_REFUSED`
 */
export async function createAuthority(centre: Centre, actor: string): Promise<void> {
  const { rows, clock, random, seal } = centre
  const { privateKey, publicKey } = await generateSigningKey((length) => random.generate(length))
  const nowMs = wholeSeconds(clock.nowMs())
  const serial = await newSerial(centre)
  const centreId = encodeHex(seal.centreId)
  const notAfterMs = nowMs + daysInMs(AUTHORITY_DAYS)
  const certificate = await encodeAuthorityCertificate(
    { centreId, publicKey, signingKey: await importSigningKey(privateKey.slice()) },
    { serial, notBeforeMs: nowMs - BACKDATED_MS, notAfterMs },
  )
  try {
    await rows.update(async (draft) => {
      if ((await draft.get(AUTHORITY_PLACE)) !== null) {
        throw new KmcError('ALREADY_EXISTS', 'This centre has its certificate authority already.')
      }
      putRecord(draft, AUTHORITY_PLACE, { certificate, privateKey })
      draft.put(AUTHORITY_CERTIFICATE_PLACE, certificate)
      const act = { actor, act: 'certificate.authority', details: { serial, notAfterMs } }
      await appendAudit(draft, { ...act, timeMs: clock.nowMs() })
      await signNextCrl(centre, draft, [])
    })
  } finally {
    wipe(privateKey)
  }
}
