import { fromJSON, type MethodDefinition } from '@grpc/proto-loader'

/** One call of etcd's API. */
export type EtcdMethod = MethodDefinition<object, object>

const field = (type: string, id: number) => ({ type, id })
const list = (type: string, id: number) => ({ rule: 'repeated', type, id })
const method = (requestType: string, responseType: string) => ({
  requestType,
  responseType,
  comment: '',
})
const header = { header: field('ResponseHeader', 1) }

/** Of etcd's API version 3 what the store uses; a decoder skips other fields. Enumerations stand as their numbers. */
const API = {
  mvccpb: {
    nested: {
      KeyValue: {
        fields: {
          key: field('bytes', 1),
          mod_revision: field('int64', 3),
          value: field('bytes', 5),
        },
      },
      Event: { fields: { type: field('int32', 1), kv: field('KeyValue', 2) } },
    },
  },
  etcdserverpb: {
    nested: {
      ResponseHeader: { fields: { cluster_id: field('uint64', 1), revision: field('int64', 3) } },
      RangeRequest: {
        fields: {
          key: field('bytes', 1),
          range_end: field('bytes', 2),
          limit: field('int64', 3),
          revision: field('int64', 4),
        },
      },
      RangeResponse: { fields: { ...header, kvs: list('mvccpb.KeyValue', 2) } },
      PutRequest: {
        fields: { key: field('bytes', 1), value: field('bytes', 2), lease: field('int64', 3) },
      },
      DeleteRangeRequest: { fields: { key: field('bytes', 1) } },
      RequestOp: {
        oneofs: { request: { oneof: ['request_range', 'request_put', 'request_delete_range'] } },
        fields: {
          request_range: field('RangeRequest', 1),
          request_put: field('PutRequest', 2),
          request_delete_range: field('DeleteRangeRequest', 3),
        },
      },
      ResponseOp: { fields: { response_range: field('RangeResponse', 1) } },
      Compare: {
        fields: {
          result: field('int32', 1),
          target: field('int32', 2),
          key: field('bytes', 3),
          mod_revision: field('int64', 6),
        },
      },
      TxnRequest: {
        fields: {
          compare: list('Compare', 1),
          success: list('RequestOp', 2),
          failure: list('RequestOp', 3),
        },
      },
      TxnResponse: {
        fields: { ...header, succeeded: field('bool', 2), responses: list('ResponseOp', 3) },
      },
      CompactionRequest: { fields: { revision: field('int64', 1), physical: field('bool', 2) } },
      CompactionResponse: { fields: header },
      KV: {
        methods: {
          Range: method('RangeRequest', 'RangeResponse'),
          Txn: method('TxnRequest', 'TxnResponse'),
          Compact: method('CompactionRequest', 'CompactionResponse'),
        },
      },
      WatchCreateRequest: { fields: { key: field('bytes', 1), range_end: field('bytes', 2) } },
      WatchRequest: { fields: { create_request: field('WatchCreateRequest', 1) } },
      WatchResponse: {
        fields: {
          ...header,
          created: field('bool', 3),
          canceled: field('bool', 4),
          cancel_reason: field('string', 6),
          events: list('mvccpb.Event', 11),
        },
      },
      Watch: {
        methods: {
          Watch: {
            ...method('WatchRequest', 'WatchResponse'),
            requestStream: true,
            responseStream: true,
          },
        },
      },
      LeaseGrantRequest: { fields: { TTL: field('int64', 1) } },
      LeaseGrantResponse: { fields: { ...header, ID: field('int64', 2) } },
      Lease: { methods: { LeaseGrant: method('LeaseGrantRequest', 'LeaseGrantResponse') } },
      DefragmentRequest: { fields: {} },
      DefragmentResponse: { fields: header },
      Maintenance: { methods: { Defragment: method('DefragmentRequest', 'DefragmentResponse') } },
    },
  },
}

// Numbers of 64 bits as text: whoever reads them checks that they fit.
const definitions = fromJSON({ nested: API }, { keepCase: true, longs: String, defaults: true })

function find(service: string, name: string): EtcdMethod {
  const found = definitions[`etcdserverpb.${service}`]
  if (found === undefined || 'format' in found || found[name] === undefined) {
    throw new TypeError(`there is no call ${service}.${name} of etcd`)
  }
  return found[name]
}

/** The calls of etcd's API that the store makes. */
export const ETCD = {
  range: find('KV', 'Range'),
  txn: find('KV', 'Txn'),
  compact: find('KV', 'Compact'),
  watch: find('Watch', 'Watch'),
  leaseGrant: find('Lease', 'LeaseGrant'),
  defragment: find('Maintenance', 'Defragment'),
} as const
