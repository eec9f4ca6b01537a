import { join } from 'node:path'
import { measureProcess } from '../measure-process.ts'
import { hasProgram } from '../seal/has-program.ts'
import { Daemon } from './daemon.ts'
import type { StoragePeer } from './storage-peer.ts'

/** Nothing leaves loopback, and nobody is told. */
const SETTINGS = [
  ['AutoConf.Enabled', 'false'],
  ['AutoTLS.Enabled', 'false'],
  ['HTTPRetrieval.Enabled', 'false'],
  ['Routing.Type', '"none"'],
] as const

/** Kubo (IPFS): added to one node, then pinned by a second. It hashes and stores; it does not encrypt what it stores. */
export const kubo: StoragePeer = {
  name: 'Kubo, add and replicate to a second node',
  source: 'install `ipfs` (Go module github.com/ipfs/kubo)',
  isInstalled: (signal) => hasProgram('ipfs', ['--version'], signal),

  async store(folder, file, signal) {
    const first = repositoryIn(folder, 'first', signal)
    const second = repositoryIn(folder, 'second', signal)
    const daemons: Daemon[] = []
    try {
      for (const one of [first, second]) {
        await one.run('init', '--profile=test')
        for (const [key, value] of SETTINGS) await one.run('config', '--json', key, value)
        const { environment } = one
        const plan = { file: 'ipfs', args: ['daemon'], environment, ready: /Daemon is ready/ }
        daemons.push(await Daemon.start(plan, signal))
      }
      const [address = ''] = (await first.run('id', '-f', '<addrs>')).split('\n')
      await second.run('swarm', 'connect', address)
      const startedMs = performance.now()
      const cid = await first.run('add', '--quieter', file)
      await second.run('pin', 'add', '--progress=false', cid.trim())
      return (performance.now() - startedMs) / 1000
    } finally {
      for (const daemon of daemons) await daemon.stop()
    }
  },
}

function repositoryIn(folder: string, name: string, signal: AbortSignal) {
  const environment = { IPFS_PATH: join(folder, name), IPFS_TELEMETRY: 'off' }
  return {
    environment,
    async run(...args: string[]): Promise<string> {
      return (await measureProcess({ file: 'ipfs', args, environment }, signal)).output
    },
  }
}
