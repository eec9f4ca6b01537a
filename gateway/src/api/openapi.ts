import { z } from 'zod'
import { apiClient, apiClientDetail, apiClients } from '@orlop/protocol/api/clients'
import { apiHistory, apiProfile, apiRegistryEvent } from '@orlop/protocol/api/history'
import { apiNode, apiNodes } from '@orlop/protocol/api/nodes'
import { apiObject, apiObjectDetail, apiObjectEvent, apiObjects } from '@orlop/protocol/api/objects'
import { apiBucket, apiOverview, apiProgress, apiStatistics } from '@orlop/protocol/api/overview'
import { apiRating, apiRatings } from '@orlop/protocol/api/ratings'
import { apiReceipt, apiReceipts } from '@orlop/protocol/api/receipts'
import {
  API_EVENTS_PATH,
  API_ROUTES,
  type ApiRoute,
  type ApiRouteName,
} from '@orlop/protocol/api/routes'
import { apiSearch, apiSearchHit } from '@orlop/protocol/api/search'
import { apiDeployment, apiEvents, apiHealth, apiProblem } from '@orlop/protocol/api/service'
import {
  apiTransaction,
  apiTransactions,
  apiTransactionSummary,
} from '@orlop/protocol/api/transactions'
import { apiHead, apiPosition } from '@orlop/protocol/api/values'

const NAMED = {
  Bucket: apiBucket,
  Client: apiClient,
  ClientDetail: apiClientDetail,
  Clients: apiClients,
  Deployment: apiDeployment,
  Head: apiHead,
  History: apiHistory,
  Health: apiHealth,
  Node: apiNode,
  Nodes: apiNodes,
  Object: apiObject,
  ObjectDetail: apiObjectDetail,
  ObjectEvent: apiObjectEvent,
  Objects: apiObjects,
  Overview: apiOverview,
  Position: apiPosition,
  Problem: apiProblem,
  Profile: apiProfile,
  Progress: apiProgress,
  Rating: apiRating,
  Ratings: apiRatings,
  Receipt: apiReceipt,
  Receipts: apiReceipts,
  RegistryEvent: apiRegistryEvent,
  Rollback: apiEvents.rollback,
  Search: apiSearch,
  SearchHit: apiSearchHit,
  Statistics: apiStatistics,
  Transaction: apiTransaction,
  Transactions: apiTransactions,
  TransactionSummary: apiTransactionSummary,
} as const

const registry = z.registry<{ id: string }>()
for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id })

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` })

/** The OpenAPI 3.1 document of the API, made from the schemas that requests are checked with. */
export function openApiDocument(version: string): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Orlop explorer',
      version,
      description:
        'Every storage record of an Orlop ledger. All of it is public and can be checked on the ledger itself; names are what strangers wrote there.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: {
      ...Object.fromEntries(
        (Object.keys(API_ROUTES) as ApiRouteName[]).map((name) => [
          API_ROUTES[name].path,
          { get: operation(name, API_ROUTES[name]) },
        ]),
      ),
      [API_EVENTS_PATH]: { get: eventsOperation() },
    },
    components: { schemas: namedSchemas(), responses: { Problem: problemResponse() } },
  }
}

function operation(name: ApiRouteName, route: ApiRoute): object {
  const content = { 'application/json': { schema: schemaOf(route.answer) } }
  return {
    operationId: name,
    summary: route.summary,
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    responses: {
      200: { description: route.summary, content },
      ...(name === 'health' ? { 503: { description: 'The ledger cannot be read', content } } : {}),
      '4XX': { $ref: '#/components/responses/Problem' },
      '5XX': { $ref: '#/components/responses/Problem' },
    },
  }
}

function parameters(schema: z.ZodObject, place: 'path' | 'query'): object[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'output' })
  return Object.entries(properties).map(([name, value]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: typeof value === 'object' ? withoutIdentity(value) : value,
  }))
}

function schemaOf(answer: z.ZodType): object {
  const id = registry.get(answer)?.id
  if (id === undefined) throw new RangeError('answer: expected every answer to have a name')
  return reference(id)
}

function namedSchemas(): object {
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => reference(id).$ref })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => [id, withoutIdentity(schema)]),
  )
}

/** A component is named by its place, and the document says its dialect once. */
function withoutIdentity(schema: object): object {
  return Object.fromEntries(
    Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'),
  )
}

function eventsOperation(): object {
  const names = Object.entries(apiEvents).map(([name, schema]) => {
    return `\`${name}\`: ${registry.get(schema)?.id ?? ''}`
  })
  return {
    operationId: 'events',
    summary: 'What is recorded, as it happens (server-sent events)',
    description: `Names of events and what their data is: ${names.join(', ')}. After a reconnection, ask the lists again: missed events are not repeated.`,
    parameters: [],
    responses: {
      200: {
        description: 'A stream of events',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
      '4XX': { $ref: '#/components/responses/Problem' },
    },
  }
}

function problemResponse(): object {
  return {
    description: 'Why there is no answer (RFC 9457)',
    content: { 'application/problem+json': { schema: reference('Problem') } },
  }
}
