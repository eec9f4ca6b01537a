import { equalConstantTime } from '@orlop/crypto/bytes'
import { hashEnvelope } from '@orlop/crypto/format/envelope'
import { decodeHeader } from '@orlop/crypto/format/header'
import { OrlopError } from '@orlop/protocol/errors'
import { envelopeRequest } from '@orlop/protocol/wire/envelope'
import type { ChannelHandler } from '@orlop/transport/transport'
import { checkEnvelope, readEnvelope } from '../network/commit-check.ts'
import type { NodeParts } from '../network/node-parts.ts'
import { receiveValue, sendValue } from '../network/wire.ts'

/** `envelope`: gives the newest version seen, or takes a newer one; never goes back (formats 6). */
export function createEnvelopeHandler(parts: NodeParts): ChannelHandler {
  return async (channel) => {
    const request = await receiveValue(channel, envelopeRequest)
    if ('get' in request) {
      const held = await parts.storage.envelopes.find(request.get)
      await sendValue(channel, { envelope: held?.envelope ?? null })
    } else {
      await sendValue(channel, { version: await put(parts, request.put) })
    }
  }
}

/** @returns the version that holds now. */
async function put(
  { storage, ledger }: NodeParts,
  { clientId, envelope }: { clientId: number; envelope: Uint8Array },
): Promise<number> {
  const offered = readEnvelope(envelope)
  const { objectId } = decodeHeader(offered.headerBytes)
  const key = { objectId, clientId }
  const [strip] = await storage.strips.ofObject(key)
  if (strip === undefined) {
    throw new OrlopError(
      'OBJECT_NOT_FOUND',
      'This node holds no strip of the object, so it keeps no envelope of it. The ledger says which nodes do.',
    )
  }
  const { envelopes } = storage
  await checkEnvelope({ ledger, envelopes }, envelope, { clientId, commit: strip.commit.message })
  const holds = await envelopes.put(key, envelope)
  if (equalConstantTime(holds.envelopeHash, hashEnvelope(offered))) return holds.version
  const details = { heldVersion: holds.version, version: offered.version }
  throw holds.version > offered.version
    ? new OrlopError(
        'ENVELOPE_ROLLED_BACK',
        `Version ${offered.version} of the envelope is older than version ${holds.version} here. Read that one and build on it.`,
        { details },
      )
    : new OrlopError(
        'ENVELOPE_CONFLICT',
        `Another envelope of version ${offered.version} is here and comes first. Read it and write the change as version ${offered.version + 1}.`,
        { details },
      )
}
