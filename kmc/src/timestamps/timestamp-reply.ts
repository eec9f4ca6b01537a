import { AsnConvert } from '@peculiar/asn1-schema'
import {
  PKIFailureInfo,
  PKIFreeText,
  PKIStatus,
  PKIStatusInfo,
  TimeStampResp,
  type TimeStampToken,
} from '@peculiar/asn1-tsp'
import { FAILURE_BITS, type TimestampRefusal } from './timestamp-refusal.ts'

/** A TimeStampResp with its token, DER. */
export function encodeGranted(timeStampToken: TimeStampToken): Uint8Array {
  const status = new PKIStatusInfo({ status: PKIStatus.granted })
  return encode(new TimeStampResp({ status, timeStampToken }))
}

/** A TimeStampResp that says why there is no token, DER. */
export function encodeRefused({ failure, message }: TimestampRefusal): Uint8Array {
  const status = new PKIStatusInfo({
    status: PKIStatus.rejection,
    statusString: new PKIFreeText([message]),
    // The library's own names stand for other bits than RFC 3161's.
    failInfo: new PKIFailureInfo(2 ** FAILURE_BITS[failure]),
  })
  return encode(new TimeStampResp({ status }))
}

function encode(response: TimeStampResp): Uint8Array {
  return new Uint8Array(AsnConvert.serialize(response))
}
