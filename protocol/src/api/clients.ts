import * as z from 'zod'
import { clientState } from '../ledger-records.ts'
import { pageQuery, queryId } from './query-values.ts'
import { addressText, apiCount, apiId, apiName, apiTimeMs, hashText, pageOf } from './values.ts'

/** A ship or shore account. */
export const apiClient = z.object({
  clientId: apiId,
  name: apiName,
  /** null for shore clients. */
  imoNumber: apiCount.nullable(),
  signer: addressText,
  state: clientState,
  /** 0 = none; else only data at least this important is taken (1 critical … 3 routine). */
  minimumImportance: z.int().min(0).max(3),
  receipts: apiCount,
  objects: apiCount,
  /** Of live strips. */
  liveBytes: apiCount,
  firstRecordedMs: apiTimeMs.nullable(),
  lastRecordedMs: apiTimeMs.nullable(),
})
export type ApiClient = z.infer<typeof apiClient>

export const apiClassTotal = z.object({
  classCode: apiCount,
  receipts: apiCount,
  streamBytes: apiCount,
})
export type ApiClassTotal = z.infer<typeof apiClassTotal>

export const apiClientDetail = apiClient.extend({
  recovery: addressText,
  /** X25519 public key: what others wrap keys to. */
  openingKey: hashText,
  /** Over every receipt, live or not. */
  classes: z.array(apiClassTotal),
})
export type ApiClientDetail = z.infer<typeof apiClientDetail>

export const clientsQuery = z.strictObject({
  ...pageQuery.shape,
  state: clientState.optional(),
})
export type ClientsQuery = z.output<typeof clientsQuery>

/** By clientId. */
export const apiClients = pageOf(apiClient)
export type ApiClients = z.infer<typeof apiClients>

export const clientParams = z.strictObject({ clientId: queryId })
