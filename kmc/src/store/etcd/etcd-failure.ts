import { type ServiceError, status } from '@grpc/grpc-js'
import { KmcError, type KmcErrorCode } from '../../kmc-error.ts'

/**
 * Why a call to a member failed. The first four can be tried again at another member: `absent`: nobody answered, and nothing was done;
 * `silent`: the connection broke or the time was up, and it may have been done; `leaderless`: the member has no quorum behind it, and it
 * may yet be done; `busy`: refused for the moment.
 */
export type FailureKind =
  | 'absent'
  | 'silent'
  | 'leaderless'
  | 'busy'
  | 'refused'
  | 'too-large'
  | 'full'
  | 'no-lease'
  | 'compacted'
  | 'other'

const TRANSIENT: readonly FailureKind[] = ['absent', 'silent', 'leaderless', 'busy']
const IN_DOUBT: readonly FailureKind[] = ['silent', 'leaderless']

/** What etcd and gRPC say, and what it means; the first that fits. */
const MEANINGS: readonly [RegExp, FailureKind][] = [
  [/certificate|handshake|SSL|TLS|altname|EPROTO|wrong version number/i, 'refused'],
  [/No connection established|ECONNREFUSED|Name resolution failed/i, 'absent'],
  [/no leader|request timed out|leader changed|unhealthy|not capable/, 'leaderless'],
  [/too many requests/, 'busy'],
  [/database space exceeded/, 'full'],
  [/too large|larger than max|too many operations/, 'too-large'],
  [/lease not found/, 'no-lease'],
  [/has been compacted/, 'compacted'],
  [/user name is empty|permission denied|invalid auth token|authentication failed/, 'refused'],
]
const BY_STATUS: Partial<Record<status, FailureKind>> = {
  [status.UNAUTHENTICATED]: 'refused',
  [status.PERMISSION_DENIED]: 'refused',
  [status.UNAVAILABLE]: 'silent',
  [status.DEADLINE_EXCEEDED]: 'silent',
  [status.CANCELLED]: 'silent',
  [status.INTERNAL]: 'silent',
  [status.UNKNOWN]: 'silent',
}

type FailureParts = Pick<EtcdFailure, 'kind' | 'member' | 'mayBeDone'>

/** A call to one member that failed. */
export class EtcdFailure extends Error {
  readonly kind: FailureKind
  readonly member: string
  /** Whether what was asked may have been done, or may yet be done. */
  readonly mayBeDone: boolean

  private constructor({ kind, member, mayBeDone }: FailureParts, cause: Error) {
    super(cause.message, { cause })
    this.kind = kind
    this.member = member
    this.mayBeDone = mayBeDone
  }

  /** Says what a failure of gRPC means. */
  static of(member: string, error: ServiceError): EtcdFailure {
    const meaning = MEANINGS.find(([pattern]) => pattern.test(error.details))
    const kind = meaning?.[1] ?? BY_STATUS[error.code] ?? 'other'
    return new EtcdFailure({ kind, member, mayBeDone: IN_DOUBT.includes(kind) }, error)
  }

  /** What to tell of a call that failed before at another member: one without a quorum says more than one that is gone. */
  after(earlier: EtcdFailure | null): EtcdFailure {
    if (earlier === null) return this
    const said = earlier.kind === 'leaderless' && this.isTransient ? earlier : this
    const { kind, member } = said
    return new EtcdFailure({ kind, member, mayBeDone: this.mayBeDone || earlier.mayBeDone }, said)
  }

  /** Whether another member, or the same a little later, may answer. */
  get isTransient(): boolean {
    return TRANSIENT.includes(this.kind)
  }

  /** What the centre says of it. */
  toKmcError(): KmcError {
    const [code, says] = WORDS[this.kind]
    const { member, message } = this
    return new KmcError(code, says, { cause: this, details: { member, reason: message } })
  }
}

const FAILED = [
  'STORE_FAILED',
  'A member of etcd refused what it was asked. Look into its log.',
] as const
const NO_QUORUM = [
  'STORE_NO_QUORUM',
  'etcd has no majority of its members: nothing can be read or written. Start the missing members, or mend the network between them.',
] as const
const UNREACHABLE = [
  'STORE_UNREACHABLE',
  'No member of etcd answered. Check that they run, and the URLs, the firewall and the network.',
] as const
const WORDS: Readonly<Record<FailureKind, readonly [KmcErrorCode, string]>> = {
  absent: UNREACHABLE,
  silent: UNREACHABLE,
  leaderless: NO_QUORUM,
  busy: [
    'STORE_UNREACHABLE',
    'The members of etcd have more to do than they can. Wait, and give them faster disks.',
  ],
  refused: [
    'STORE_REFUSED',
    "A member of etcd and this centre do not take each other's certificates, or etcd's rules do not let it read and write here. Check the certificate, its authority, the member's name and the user's role.",
  ],
  'too-large': [
    'STORE_TOO_LARGE',
    'A member of etcd takes no requests of this size. Start it with --max-request-bytes=1572864 and --max-txn-ops=128 at least.',
  ],
  full: [
    'STORE_FULL',
    'etcd is full. Raise --quota-backend-bytes, or compact and defragment it; then disarm its alarm.',
  ],
  'no-lease': FAILED,
  compacted: FAILED,
  other: FAILED,
}
