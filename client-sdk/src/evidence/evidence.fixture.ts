import {
  addressOfKey,
  LedgerFixture,
  type LedgerUnderTest,
  testKey,
} from '@orlop/contracts/chain-client.fixture'
import { deployContracts } from '@orlop/contracts/deploy-contracts'
import type { AnvilProcess } from '@orlop/contracts/embedded/anvil-process'
import { EthersChainClient } from '@orlop/contracts/ethers-chain-client'
import { RpcConnection } from '@orlop/contracts/rpc/rpc-connection'
import type { Receipt } from '@orlop/protocol/ledger-records'
import { rotateSignerType } from '@orlop/protocol/messages/identity'
import { EVERY_STRIP } from '@orlop/protocol/limits'
import type { SignedAck, SignedCommit } from '@orlop/protocol/messages/storing'
import { signMessage } from '@orlop/protocol/typed-message'
import { type ComposedEvidence, composeEvidence, type WordsSource } from './compose-evidence.ts'
import { contentHashOf, encodeEvidence } from './evidence-file.ts'
import type { Evidence, EvidenceSubject } from './evidence-format.ts'
import { evidenceType } from './evidence-message.ts'
import { receiptKey } from './read-history.ts'
import { RpcEvidenceLedger } from './rpc-evidence-ledger.ts'
import type { SignedWords } from './signed-words.ts'

const ADMIN_KEY = testKey(11)
/** A key of the client after its first was replaced. */
export const NEW_CLIENT_KEY = testKey(23)
/** 2100-01-01 and 2101-01-01. */
const LATER_EXPIRY = 4_133_980_800
export const EXPORTED_AT_MS = 4_070_908_800_000

/** A real ledger on which everything has happened that evidence tells of. */
export class EvidenceFixture {
  readonly rpcUrl: string
  readonly ledger: LedgerFixture
  readonly #words = new Map<string, SignedWords>()

  private constructor(rpcUrl: string, ledger: LedgerFixture) {
    this.rpcUrl = rpcUrl
    this.ledger = ledger
  }

  static async on(anvil: AnvilProcess): Promise<EvidenceFixture> {
    const { rpcUrl } = anvil
    const deployment = await deployContracts({ rpcUrl, privateKey: ADMIN_KEY })
    const rpc = new RpcConnection(rpcUrl)
    const under: LedgerUnderTest = {
      deployment,
      adminKey: ADMIN_KEY,
      connect: (privateKey) => new EthersChainClient({ rpcUrl, deployment, privateKey }),
      markLoss: async () => {
        const mark = await rpc.call('evm_snapshot', [])
        return async () => {
          await rpc.call('evm_revert', [mark])
        }
      },
    }
    const made = new EvidenceFixture(rpcUrl, new LedgerFixture(under))
    await made.ledger.admitAll()
    return made
  }

  /** Two copies in batches with other objects; kept longer, rated, moved, anchored; one removed. Then the client's key is replaced. */
  async fill(): Promise<void> {
    const { ledger } = this
    const [first, second] = ledger.nodes
    const ownCommits = [0, 1, 2, 3, 4].map((sequence) =>
      ledger.commit({
        sequence,
        ...(sequence === 2 ? {} : { objectId: testKey(0x60 + sequence) }),
      }),
    )
    const copy = ledger.commit({ nodeId: 2, sequence: 0, index: 1 })
    await first.record(ownCommits.map((commit) => this.#kept(commit, ledger.ack(commit))))
    await second.record([this.#kept(copy, ledger.ack(copy, ledger.nodeKeys[1]))])
    await ledger.steward.extend(ledger.extend(EVERY_STRIP, LATER_EXPIRY))
    await ledger.steward.rate(ledger.rating({ sequence: 2 }))
    await ledger.steward.rate(ledger.rating({ nodeId: 2, score: 2, causeCode: 2 }))
    await ledger.steward.anchorEnvelope(ledger.envelope(2, testKey(0x77)))
    await ledger.steward.move(ledger.move({ fromSequence: 2 }))
    await ledger.steward.remove(ledger.remove(1))
    const message = {
      clientId: 1,
      newSigner: addressOfKey(NEW_CLIENT_KEY),
      newOpeningKey: testKey(0x45),
      nonce: 0,
    }
    const { deployment, recoveryKey } = ledger
    await ledger.steward.rotateSigner(
      signMessage(rotateSignerType, deployment, message, recoveryKey),
    )
  }

  get object(): EvidenceSubject {
    return { kind: 'objects', clientId: 1, objectIds: [this.ledger.objectId] }
  }

  open(deployment = this.ledger.deployment): RpcEvidenceLedger {
    return new RpcEvidenceLedger({ rpcUrl: this.rpcUrl, deployment })
  }

  /** Evidence as client 1 exports it. */
  compose(subject: EvidenceSubject = this.object): Promise<ComposedEvidence> {
    const words: WordsSource = {
      of: (receipt: Receipt) =>
        Promise.resolve(
          this.#words.get(receiptKey(receipt)) ?? { commitSignature: null, ack: null },
        ),
    }
    return composeEvidence(
      {
        ledger: this.open(),
        exporter: { clientId: 1, secretKey: NEW_CLIENT_KEY },
        nowMs: EXPORTED_AT_MS,
        wordsOf: () => words,
      },
      subject,
    )
  }

  /** The same file with other content, signed anew by who exported it: what a dishonest exporter can do. */
  resign(content: Evidence, key: Uint8Array = NEW_CLIENT_KEY): Uint8Array {
    const { clientId, atMs: exportedAtMs } = content.exported
    const message = { contentHash: contentHashOf(content), clientId, exportedAtMs }
    const { signature } = signMessage(evidenceType, this.ledger.deployment, message, key)
    return encodeEvidence({ ...content, signature })
  }

  #kept(commit: SignedCommit, ack: SignedAck): { commit: SignedCommit; ack: SignedAck } {
    this.#words.set(receiptKey(commit.message), {
      commitSignature: commit.signature,
      ack: { storedAtMs: ack.message.storedAtMs, signature: ack.signature },
    })
    return { commit, ack }
  }
}
