import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Tier } from '@orlop/protocol/data-classes'

/** One storage node of the development network. */
export interface NodeSpec {
  name: string
  tier: Tier
  region: string
  capacityBytes: number
}

const GIB = 1024 ** 3

/** The paper's eight nodes: A01–A07 carry much, A08 is light, A01 is the master. */
export const DEVNET_NODES: readonly NodeSpec[] = [
  { name: 'A01', tier: 'heavy', region: 'FI', capacityBytes: 64 * GIB },
  { name: 'A02', tier: 'heavy', region: 'FI', capacityBytes: 64 * GIB },
  { name: 'A03', tier: 'heavy', region: 'EE', capacityBytes: 64 * GIB },
  { name: 'A04', tier: 'heavy', region: 'SE', capacityBytes: 64 * GIB },
  { name: 'A05', tier: 'heavy', region: 'PL', capacityBytes: 64 * GIB },
  { name: 'A06', tier: 'heavy', region: 'DE', capacityBytes: 64 * GIB },
  { name: 'A07', tier: 'heavy', region: 'CN', capacityBytes: 64 * GIB },
  { name: 'A08', tier: 'light', region: 'FI', capacityBytes: 8 * GIB },
]

export const MASTER_NAME = 'A01'

/** Where everything of a home folder is. */
export class HomeLayout {
  readonly home: string

  constructor(home: string) {
    this.home = home
  }

  /** Ledger and nodes that this home's client talks to: written by `devnet up` or `orlop init`. */
  get networkFile(): string {
    return join(this.home, 'network.json')
  }
  get clientHome(): string {
    return join(this.home, 'client')
  }
  /** The key management centre, where one runs here. */
  get kmcHome(): string {
    return join(this.home, 'kmc')
  }
  get devnet(): string {
    return join(this.home, 'devnet')
  }
  get stateFile(): string {
    return join(this.devnet, 'state.json')
  }
  get lockFile(): string {
    return join(this.devnet, 'lock')
  }
  get ledgerHome(): string {
    return join(this.devnet, 'ledger')
  }
  nodeHome(name: string): string {
    return join(this.devnet, 'nodes', name)
  }
  get gatewayHome(): string {
    return join(this.devnet, 'gateway')
  }
  get agentHome(): string {
    return join(this.devnet, 'agent')
  }
  /** The ship's outgoing folder, which the agent watches. */
  get voyageFolder(): string {
    return join(this.devnet, 'voyage')
  }
  get retrievedFolder(): string {
    return join(this.devnet, 'retrieved')
  }
  get intruderFolder(): string {
    return join(this.devnet, 'intruder')
  }
  logFile(name: string): string {
    return join(this.devnet, 'logs', `${name}.log`)
  }
  /** Passphrase of the keyrings that the development network makes for itself. A development network only. */
  get passphraseFile(): string {
    return join(this.devnet, 'passphrase')
  }
}

/** The program of another package, as source in a checkout and as JavaScript where it is installed. */
export function programFile(
  specifier:
    | '@orlop/contracts/ledger-main'
    | '@orlop/node/main'
    | '@orlop/gateway/main'
    | '@orlop/agent/main'
    | '@orlop/kmc/main',
): string {
  return fileURLToPath(import.meta.resolve(specifier))
}

/** The sample voyage of the repository. */
export const SAMPLE_VOYAGE = fileURLToPath(new URL('../../../samples/voyage', import.meta.url))
