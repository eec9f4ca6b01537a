import * as z from 'zod'

/** Where the owner of a certificate has it renewed. @param serial - of the certificate that is shown. */
export const renewalPath = (serial: string) => `/v1/certificates/${serial}/renew`

/** A new certificate, and what its owner recognises the centre by, as JSON. */
export const issuedJson = z.object({
  serial: z.string().regex(/^[0-9a-f]{32}$/, 'expected 32 hexadecimal digits'),
  notAfterMs: z.int().min(0),
  /** PEM. */
  certificate: z.string(),
  /** PEM. */
  authority: z.string(),
})
