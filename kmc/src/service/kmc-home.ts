import { join } from 'node:path'

/** Where everything of a centre's home folder is. */
export class KmcHome {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** Rows: sealed, but for what says so itself. */
  get store(): string {
    return join(this.path, 'store')
  }
  get backups(): string {
    return join(this.path, 'backups')
  }
  /** Key and certificate that the centre serves with. */
  get serverIdentity(): string {
    return join(this.path, 'server.pem')
  }
  /** Key and certificate of the administrator on this machine. */
  get administratorIdentity(): string {
    return join(this.path, 'administrator.pem')
  }
  /** The authority's certificate: for whoever has to recognise the centre. */
  get authority(): string {
    return join(this.path, 'authority.pem')
  }
  /** What custodians are to take away. */
  get custodians(): string {
    return join(this.path, 'custodians')
  }
  /** One folder for each of them. */
  custodian(index: number): string {
    return join(this.custodians, String(index))
  }
  /** The centre's keys, wrapped to the card that unseals it, where one does. */
  get keysOnCard(): string {
    return join(this.path, 'keys-on-card')
  }
  /** Which etcd cluster the rows are in, where they are in one. */
  get etcdCluster(): string {
    return join(this.path, 'etcd-cluster')
  }
  /** How far the store had come when it was last looked at. */
  get lastSeen(): string {
    return join(this.path, 'last-seen.json')
  }
  /** Where the centre serves, for commands on this machine. */
  get endpoint(): string {
    return join(this.path, 'endpoint.json')
  }
}
