import { decodeHex } from '@orlop/crypto/bytes'
import { generateSecretKey, signDigest } from '@orlop/crypto/sign'
import { x25519PublicKey } from '@orlop/crypto/x25519'
import { classify } from '@orlop/client-sdk/classify/classify'
import { readSubject } from '@orlop/client-sdk/classify/read-subject'
import { openFile } from '@orlop/client-sdk/pipeline/open-file'
import { sealFile } from '@orlop/client-sdk/pipeline/seal-file'
import { decide } from '@orlop/client-sdk/policy/decide'
import { loadPolicy } from '@orlop/client-sdk/policy/load-policy'
import type { SealJob } from './job.ts'

/** As storing does it: what the data is decides how they are compressed; level and suite are given. */
async function seal({ inputPath, outputPath, level, suite, ...job }: SealJob): Promise<void> {
  const secretKey = decodeHex(job.openingSecretKey)
  const signingKey = generateSecretKey()
  const subject = await readSubject(inputPath)
  const found = await classify(subject)
  const policy = await loadPolicy()
  const { sizeBytes } = subject
  const treatment = decide({ ...subject, ...found, sizeBytes }, policy, { level, suite })
  await sealFile({
    inputPath,
    outputPath,
    recipientPublicKey: x25519PublicKey(secretKey),
    sign: (hash) => signDigest(hash, signingKey),
    level,
    suite,
    compression: { codec: treatment.codec, level: treatment.zstdLevel },
  })
}

async function open({ inputPath, outputPath, openingSecretKey }: SealJob): Promise<void> {
  await openFile({ inputPath, outputPath, secretKey: decodeHex(openingSecretKey) })
}

/** Does one job, file to file. */
export function performJob(job: SealJob): Promise<void> {
  return job.action === 'seal' ? seal(job) : open(job)
}
