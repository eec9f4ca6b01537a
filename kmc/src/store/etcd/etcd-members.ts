import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { type ChannelOptions, Client, credentials, type ChannelCredentials } from '@grpc/grpc-js'
import { assertInteger } from '@orlop/crypto/bytes'

/** How a centre and the members of etcd know each other. All in PEM. */
export interface EtcdTls {
  /** Of the authority that signs the members' certificates. */
  readonly authority: string
  /** What the centre shows, and its key; none when the members ask for none. */
  readonly identity?: { readonly certificate: string; readonly privateKey: string }
}

const MAX_MEMBERS = 16
/** A page of the largest rows. */
const MAX_ANSWER_BYTES = 160 * 1024 * 1024

const CHANNEL: ChannelOptions = {
  'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
  // Whoever calls tries again, at another member.
  'grpc.enable_retries': 0,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
  // A member that is gone without a word; it takes no pings that come closer than 5 s.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3000,
  'grpc.enable_http_proxy': 0,
}

/** One member. Connects when it is first called. */
export interface EtcdMember {
  /** Its URL. */
  readonly name: string
  readonly client: Client
}

/**
 * Makes a client for each member.
 *
 * @param urls - 1 to 16, as `http://host:port`, or `https://host:port` with `tls`.
 * @throws RangeError for other URLs; TypeError for certificates that are none.
 */
export function etcdMembers(urls: readonly string[], tls?: EtcdTls): EtcdMember[] {
  assertInteger('URLs of etcd', urls.length, { min: 1, max: MAX_MEMBERS })
  const protocol = tls === undefined ? 'http:' : 'https:'
  const channelCredentials = credentialsOf(tls)
  return urls.map((name) => {
    const url = URL.canParse(name) ? new URL(name) : null
    if (url?.protocol !== protocol || url.port === '' || url.pathname !== '/') {
      throw new RangeError(`URL of etcd: expected ${protocol}//host:port, got '${name}'`)
    }
    return { name, client: new Client(url.host, channelCredentials, CHANNEL) }
  })
}

function credentialsOf(tls: EtcdTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure()
  const { authority, identity } = tls
  try {
    const context = createSecureContext({
      // Read here, since a context passes over what is no certificate.
      ca: new X509Certificate(authority).toString(),
      minVersion: 'TLSv1.2',
      ...(identity && { cert: identity.certificate, key: identity.privateKey }),
    })
    return credentials.createFromSecureContext(context)
  } catch (cause) {
    throw new TypeError('TLS of etcd: expected certificates and a private key in PEM', { cause })
  }
}
