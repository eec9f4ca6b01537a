import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@orlop/protocol/logger'
import type { Logger } from '@orlop/protocol/logger'
import type { CertificateRole } from '../certificates/certificate-roles.ts'
import { CentreClient } from '../client/centre-client.ts'
import { formatIdentity, type Identity, readIdentity } from '@orlop/protocol/centre/identity'
import { issueIdentity } from '../service/issue-identity.ts'
import { KmcHome } from '../service/kmc-home.ts'
import { identityFile } from '../service/local-identities.ts'
import { shareFile } from '../service/prepare-root.ts'
import { runCentre, type RunCentreOptions, type RunningCentre } from '../service/run-centre.ts'

/** What is run where a test does not say otherwise. The random source passes at once. */
const USUAL = {
  version: '0.0.0-test',
  host: '127.0.0.1',
  port: 0,
  hosts: [],
  threshold: 2,
  custodians: 3,
  writesShares: true,
  shares: [],
  restoration: null,
  rpcUrl: null,
  acceptsRollback: false,
  etcd: null,
  backups: null,
  anchorPeriodMs: 3_600_000,
  requestsPerMinute: 100_000,
  cards: [],
  unsealing: null,
  tests: [],
} as const

/** A centre in a folder of its own, served over TLS in this process. */
export class ServedCentre {
  readonly home: KmcHome
  readonly #folder: string
  readonly #clients: CentreClient[] = []
  #running: RunningCentre | null = null

  private constructor(folder: string) {
    this.#folder = folder
    this.home = new KmcHome(join(folder, 'kmc'))
  }

  /** A folder without a centre. */
  static async empty(): Promise<ServedCentre> {
    return new ServedCentre(await mkdtemp(join(tmpdir(), 'okmc-')))
  }

  static async start(options: Partial<RunCentreOptions> = {}): Promise<ServedCentre> {
    const served = await ServedCentre.empty()
    await served.run(options)
    return served
  }

  get running(): RunningCentre {
    if (this.#running === null) throw new Error('the centre does not run')
    return this.#running
  }

  optionsOf(options: Partial<RunCentreOptions> = {}): RunCentreOptions {
    const logger: Logger = silentLogger
    return { ...USUAL, home: this.home, logger, ...options }
  }

  /** Opens it and serves it; sealed unless it is new or shares are given. */
  async run(options: Partial<RunCentreOptions> = {}): Promise<RunningCentre> {
    this.#running = await runCentre(this.optionsOf(options))
    return this.#running
  }

  /** The text of a custodian's share. @param index - from 1 */
  async share(index: number): Promise<string> {
    return (await readFile(shareFile(this.home, index), 'utf8')).trim()
  }

  /** Asks as somebody. */
  client(identity: Identity): CentreClient {
    const client = new CentreClient({ url: this.running.facts.url, identity })
    this.#clients.push(client)
    return client
  }

  async administrator(): Promise<CentreClient> {
    return this.client(await readIdentity(this.home.administratorIdentity))
  }

  async custodian(index: number): Promise<CentreClient> {
    return this.client(await readIdentity(identityFile(this.home, index)))
  }

  /** Somebody new, with a certificate of this centre. */
  async identity(role: CertificateRole, name: string): Promise<Identity> {
    const hosts = role === 'server' ? ['127.0.0.1'] : []
    return issueIdentity(this.running.opened.certificates, 'test', { role, name, hosts })
  }

  async writeIdentity(path: string, identity: Identity): Promise<void> {
    await writeFile(path, formatIdentity(identity))
  }

  /** Ends it in good order; the folder stays. */
  async halt(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.close()
    await this.#running?.stop()
    this.#running = null
  }

  /** Ends it and removes everything it kept. */
  async stop(): Promise<void> {
    await this.halt()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
