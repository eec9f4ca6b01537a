import { readFile } from 'node:fs/promises'
import { openEtcdKeyStore } from '../store/etcd-key-store.ts'
import type { KeyStore } from '../store/key-store.ts'
import { LevelKeyStore } from '../store/level-key-store.ts'
import type { KmcHome } from './kmc-home.ts'
import { writeDurably } from './write-durably.ts'

/** The etcd that replicas of a centre share. */
export interface EtcdPlace {
  /** Its members: `https://…`, or `http://…` on this machine. */
  readonly urls: readonly string[]
  /** What every key in it begins with; null for the usual. */
  readonly namespace: string | null
  /** Files in PEM: of the authority of its members, and of what is shown to them; null for none. */
  readonly authorityFile: string | null
  readonly certificateFile: string | null
  readonly privateKeyFile: string | null
}

/**
 * Opens the rows of a centre: in its home, or in etcd. A home keeps to the etcd cluster that it met first.
 *
 * @throws KmcError as `LevelKeyStore.open` and `openEtcdKeyStore`
 */
export async function openStore(home: KmcHome, etcd: EtcdPlace | null): Promise<KeyStore> {
  if (etcd === null) return LevelKeyStore.open(home.store)
  const pinned = await readFile(home.etcdCluster, 'utf8').catch(() => null)
  const store = await openEtcdKeyStore({
    urls: etcd.urls,
    ...(etcd.namespace === null ? {} : { namespace: etcd.namespace }),
    ...(pinned === null ? {} : { clusterId: pinned.trim() }),
    ...(await tlsOf(etcd)),
  })
  if (pinned === null) await writeDurably(home.etcdCluster, `${store.clusterId}\n`)
  return store
}

async function tlsOf({ authorityFile, certificateFile, privateKeyFile }: EtcdPlace) {
  if (authorityFile === null) return {}
  const authority = await readFile(authorityFile, 'utf8')
  if (certificateFile === null || privateKeyFile === null) return { tls: { authority } }
  const certificate = await readFile(certificateFile, 'utf8')
  const privateKey = await readFile(privateKeyFile, 'utf8')
  return { tls: { authority, identity: { certificate, privateKey } } }
}
