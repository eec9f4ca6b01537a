import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PROGRAM = 'etcd'
const LAST_LINES = 20

/** Files in PEM by which a member and its clients know each other. */
export interface MemberTls {
  readonly authorityFile: string
  readonly certificateFile: string
  readonly privateKeyFile: string
}

export interface EtcdClusterOptions {
  /** 1, 3 or 5. */
  readonly members: number
  /** Clients must then show a certificate of the same authority. */
  readonly tls?: MemberTls
  /** More of etcd's flags. */
  readonly flags?: readonly string[]
}

/** Whether Debian's package `etcd-server`, or another etcd 3.4 or later, is installed. */
export function isEtcdInstalled(): boolean {
  try {
    execFileSync(PROGRAM, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Members of etcd on this machine's loopback, with folders of their own: for tests and benches. */
export class EtcdCluster {
  readonly #folder: string
  readonly #members: Member[]

  private constructor(folder: string, members: Member[]) {
    this.#folder = folder
    this.#members = members
  }

  /** Resolves when the cluster has a leader. End it with {@link EtcdCluster.remove}. */
  static async start({
    members: count,
    tls,
    flags = [],
  }: EtcdClusterOptions): Promise<EtcdCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'orlop-etcd-'))
    const ports = await freePorts(2 * count)
    const scheme = tls === undefined ? 'http' : 'https'
    const plans = Array.from({ length: count }, (_, at) => ({
      name: `m${at}`,
      listenUrl: `${scheme}://127.0.0.1:${ports[2 * at]}`,
      // A certificate is for a name.
      url: `${scheme}://${tls === undefined ? '127.0.0.1' : 'localhost'}:${ports[2 * at]}`,
      peerUrl: `http://127.0.0.1:${ports[2 * at + 1]}`,
    }))
    const everybody = plans.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(',')
    const members = plans.map(({ name, listenUrl, url, peerUrl }) => {
      const args = [
        ...['--name', name, '--data-dir', join(folder, name)],
        ...['--listen-client-urls', listenUrl, '--advertise-client-urls', url],
        ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
        ...['--initial-cluster', everybody, '--initial-cluster-token', folder],
        ...['--logger', 'zap', '--log-level', 'info', ...flags, ...tlsFlags(tls)],
      ]
      return new Member(url, args)
    })
    const cluster = new EtcdCluster(folder, members)
    try {
      await Promise.all(members.map((member) => member.start()))
      return cluster
    } catch (error) {
      await cluster.remove()
      throw error
    }
  }

  /** What clients connect to, by member. */
  get urls(): string[] {
    return this.#members.map(({ url }) => url)
  }

  /** Ends a member without warning. @param at - from 0. */
  async kill(at: number): Promise<void> {
    await this.#members[at]?.kill()
  }

  /** Starts a member that was killed, with all that it had on disk. Resolves when it serves clients. */
  async restart(at: number): Promise<void> {
    await this.#members[at]?.start()
  }

  /** Stops a member's processor time, or lets it go on: to its peers and clients it is there and silent. */
  pause(at: number, isPaused: boolean): void {
    this.#members[at]?.signal(isPaused ? 'SIGSTOP' : 'SIGCONT')
  }

  /** Where a member keeps everything. */
  folderOf(at: number): string {
    return join(this.#folder, `m${at}`)
  }

  /** Ends all members and removes what they wrote. */
  async remove(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.kill()))
    await rm(this.#folder, { recursive: true, force: true })
  }
}

class Member {
  readonly url: string
  readonly #args: readonly string[]
  #process: ChildProcess | null = null

  constructor(url: string, args: readonly string[]) {
    this.url = url
    this.#args = args
  }

  async start(): Promise<void> {
    const process = spawn(PROGRAM, this.#args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process = process
    const lines: string[] = []
    await new Promise<void>((resolve, reject) => {
      process.stderr.setEncoding('utf8').on('data', (text: string) => {
        lines.push(...text.split('\n'))
        lines.splice(0, lines.length - LAST_LINES)
        if (text.includes('serving client traffic')) resolve()
      })
      process.once('error', reject)
      process.once('exit', () => reject(new Error(`etcd ended:\n${lines.join('\n')}`)))
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal)
  }

  async kill(): Promise<void> {
    const process = this.#process
    this.#process = null
    if (process === null || process.exitCode !== null || process.signalCode !== null) return
    const gone = once(process, 'exit')
    process.kill('SIGKILL')
    await gone
  }
}

function tlsFlags(tls: MemberTls | undefined): string[] {
  if (tls === undefined) return []
  const { authorityFile, certificateFile, privateKeyFile } = tls
  return [
    ...['--cert-file', certificateFile, '--key-file', privateKeyFile],
    ...['--client-cert-auth', '--trusted-ca-file', authorityFile],
  ]
}

/** Ports that were free a moment ago, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
