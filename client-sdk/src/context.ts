import type { Clock } from '@orlop/protocol/clock'
import type { Deployment } from '@orlop/protocol/deployment'
import type { LedgerReader } from '@orlop/protocol/ledger'
import type { Logger } from '@orlop/protocol/logger'
import type { ApplicationKeys } from './application-keys/application-keys.ts'
import type { BackgroundTasks } from './background-tasks.ts'
import type { KeyCustody } from './custody/key-custody.ts'
import type { ClientEvents } from './events.ts'
import type { ClientHome } from './home/compose-home.ts'
import type { ClientIdentity } from './client-identity.ts'
import type { FileAccess } from './files/file-access.ts'
import type { RelayPeers } from './ledger/relay-ledger-reader.ts'
import type { NodeDirectory } from './ledger/node-directory.ts'
import type { NodeNetwork } from './network/node-network.ts'
import type { WireMeter } from './network/wire-meter.ts'
import type { CardOffload } from './offload/card-offload.ts'
import type { RandomSource } from './placement/random-source.ts'
import type { Crews, OwnCrews } from './pipeline/crews.ts'
import type { Policy } from './policy/schema.ts'
import type { ClientSettings } from './settings.ts'

/** What the verbs work with. One for each client; made by `createClient`. */
export interface ClientContext {
  readonly deployment: Deployment
  readonly identity: ClientIdentity
  readonly home: ClientHome
  /** Null in a web page. */
  readonly files: FileAccess | null
  readonly ledger: LedgerReader
  readonly directory: NodeDirectory
  readonly network: NodeNetwork
  readonly meter: WireMeter
  /** Connections through which the ledger is read and written, the likeliest first. */
  readonly relayPeers: RelayPeers
  /** Opening keys of clients that the configuration names, by client number. */
  readonly pins: ReadonlyMap<number, Uint8Array>
  readonly policy: Policy
  readonly crews: Crews
  /** What seals with cards; null for a client without any. */
  readonly cards: CardOffload | null
  /** Keys of the applications that this client acts for; null for a client without any. */
  readonly applicationKeys: ApplicationKeys | null
  /** Null in a web page. */
  readonly custody: KeyCustody | null
  /** Stopped with the client; null where its crews are shared. */
  readonly ownCrews: OwnCrews | null
  readonly events: ClientEvents
  readonly background: BackgroundTasks
  /** Names of objects whose upload runs in this process. */
  readonly activeUploads: Set<string>
  /** Keys of named requests that run in this process. */
  readonly activeRequests: Set<string>
  readonly settings: ClientSettings
  readonly clock: Clock
  readonly random: RandomSource
  readonly logger: Logger
}
