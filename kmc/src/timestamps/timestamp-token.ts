import { createHash, createPrivateKey, sign } from 'node:crypto'
import {
  Attribute,
  CertificateChoices,
  CertificateSet,
  CMSVersion,
  DigestAlgorithmIdentifier,
  DigestAlgorithmIdentifiers,
  EncapsulatedContent,
  EncapsulatedContentInfo,
  id_signedData,
  IssuerAndSerialNumber,
  SignatureAlgorithmIdentifier,
  SignedData,
  SignerIdentifier,
  SignerInfo,
  SignerInfos,
} from '@peculiar/asn1-cms'
import { AsnConvert, AsnObjectIdentifierConverter, OctetString } from '@peculiar/asn1-schema'
import {
  Accuracy,
  id_ct_tstInfo,
  MessageImprint,
  TimeStampToken,
  TSTInfo,
} from '@peculiar/asn1-tsp'
import { AlgorithmIdentifier, Certificate } from '@peculiar/asn1-x509'
import { compareBytes, concat } from '@orlop/crypto/bytes'
import { derOf } from './der.ts'
import { SHA256_OID } from './digest-algorithms.ts'
import type { TimestampQuery } from './timestamp-query.ts'

/** RFC 5758 section 3.2. */
const ECDSA_SHA256_OID = '1.2.840.10045.4.3.2'
/** RFC 5652 sections 11.1 and 11.2; RFC 5035 section 3. */
const CONTENT_TYPE_OID = '1.2.840.113549.1.9.3'
const MESSAGE_DIGEST_OID = '1.2.840.113549.1.9.4'
const SIGNING_CERTIFICATE_V2_OID = '1.2.840.113549.1.9.16.2.47'

/** Tags of DER. */
const OCTET_STRING = 0x04
const SEQUENCE = 0x30
const SET = 0x31

/** What {@link signTimestamp} needs. */
export interface SignTimestampRequest {
  readonly query: TimestampQuery
  readonly policy: string
  /** Big-endian, positive. */
  readonly serial: Uint8Array
  /** Whole seconds, in ms since epoch. */
  readonly timeMs: number
  readonly accuracySeconds: number
  /** DER, with the extended key usage for timestamps alone. */
  readonly certificate: Uint8Array
  /** P-256, PKCS #8. */
  readonly privateKey: Uint8Array
}

/** A time-stamp token: a CMS SignedData over a TSTInfo (RFC 3161 section 2.4.2, RFC 5816), DER. */
export function signTimestamp(request: SignTimestampRequest): TimeStampToken {
  const content = encodeInfo(request)
  const certificate = AsnConvert.parse(Uint8Array.from(request.certificate), Certificate)
  const attributes = signedAttributes(content, request.certificate)
  const key = createPrivateKey({
    key: Buffer.from(request.privateKey),
    format: 'der',
    type: 'pkcs8',
  })
  // RFC 5652 section 5.4: over the attributes as a SET, whatever their tag in the message is.
  const signed = derOf(SET, ...attributes.map(({ der }) => der))
  const signature = sign('sha256', signed, { key, dsaEncoding: 'der' })
  const sha256 = new DigestAlgorithmIdentifier({ algorithm: SHA256_OID })
  const { issuer, serialNumber } = certificate.tbsCertificate
  const signedData = new SignedData({
    // Version 3, since the content is no plain data (section 5.1).
    version: CMSVersion.v3,
    digestAlgorithms: new DigestAlgorithmIdentifiers([sha256]),
    encapContentInfo: new EncapsulatedContentInfo({
      eContentType: id_ct_tstInfo,
      eContent: new EncapsulatedContent({ single: new OctetString(content) }),
    }),
    ...(request.query.wantsCertificate
      ? { certificates: new CertificateSet([new CertificateChoices({ certificate })]) }
      : {}),
    signerInfos: new SignerInfos([
      new SignerInfo({
        version: CMSVersion.v1,
        sid: new SignerIdentifier({
          issuerAndSerialNumber: new IssuerAndSerialNumber({ issuer, serialNumber }),
        }),
        digestAlgorithm: sha256,
        signedAttrs: attributes.map(({ attribute }) => attribute),
        signatureAlgorithm: new SignatureAlgorithmIdentifier({ algorithm: ECDSA_SHA256_OID }),
        signature: new OctetString(signature),
      }),
    ]),
  })
  return new TimeStampToken({
    contentType: id_signedData,
    content: AsnConvert.serialize(signedData),
  })
}

function encodeInfo(request: SignTimestampRequest): Uint8Array<ArrayBuffer> {
  const { algorithm, digest, nonce } = request.query
  const info = new TSTInfo({
    policy: request.policy,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithm: algorithm.oid }),
      hashedMessage: new OctetString(digest),
    }),
    serialNumber: bufferOf(request.serial),
    genTime: new Date(request.timeMs),
    accuracy: new Accuracy({ seconds: request.accuracySeconds }),
    ...(nonce === null ? {} : { nonce: bufferOf(nonce) }),
  })
  return new Uint8Array(AsnConvert.serialize(info))
}

/** What is signed, in the order of DER sets (X.690 section 11.6). */
function signedAttributes(content: Uint8Array, certificate: Uint8Array): SignedAttribute[] {
  // ESSCertIDv2 (RFC 5035 section 4): its hash is SHA-256 by default, and the signer's identifier names the issuer.
  const certificateId = derOf(SEQUENCE, derOf(OCTET_STRING, sha256(certificate)))
  return [
    attributeOf(CONTENT_TYPE_OID, derOid(id_ct_tstInfo)),
    attributeOf(MESSAGE_DIGEST_OID, derOf(OCTET_STRING, sha256(content))),
    attributeOf(SIGNING_CERTIFICATE_V2_OID, derOf(SEQUENCE, derOf(SEQUENCE, certificateId))),
  ].sort((left, right) => compareBytes(left.der, right.der))
}

interface SignedAttribute {
  readonly attribute: Attribute
  readonly der: Uint8Array
}

function attributeOf(attrType: string, value: Uint8Array): SignedAttribute {
  const attribute = new Attribute({ attrType, attrValues: [bufferOf(value)] })
  return { attribute, der: new Uint8Array(AsnConvert.serialize(attribute)) }
}

function derOid(value: string): Uint8Array {
  return new Uint8Array(AsnObjectIdentifierConverter.toASN(value).toBER())
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return concat(bytes).buffer
}
