import * as z from 'zod'
import { PROBLEM_TYPE, problemJson } from './problem.ts'
import type { Route, Routes } from './route.ts'

export interface OpenApiOptions {
  readonly version: string
  /** Schemas with a name of their own; the others are named after their route. */
  readonly named: Readonly<Record<string, z.ZodType>>
  /** Paths that take or give other things than JSON, as the document has them. */
  readonly otherPaths?: Readonly<Record<string, object>>
}

type Names = z.core.$ZodRegistry<{ id: string }>

/** The OpenAPI 3.1 document of routes, made from the schemas that requests are checked with. */
export function openApiDocument(routes: Routes, options: OpenApiOptions): object {
  const { version, named, otherPaths = {} } = options
  const names = nameSchemas(routes, { ...named, Problem: problemJson })
  const paths: Record<string, Record<string, object>> = {}
  for (const [name, route] of Object.entries(routes)) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(name, route, names) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Orlop key management centre',
      version,
      description:
        'Over TLS with a client certificate of the centre’s own authority. Bytes are lower-case hexadecimal digits, or base64 under /v1/platform; times are milliseconds since 1970.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: { ...paths, ...otherPaths },
    components: { schemas: schemasOf(names), responses: { Problem: problemResponse() } },
  }
}

function nameSchemas(routes: Routes, named: Readonly<Record<string, z.ZodType>>): Names {
  const names = z.registry<{ id: string }>()
  const add = (schema: z.ZodType | null, id: string) => {
    if (schema !== null && !names.has(schema)) names.add(schema, { id })
  }
  for (const [id, schema] of Object.entries(named)) add(schema, id)
  for (const [name, { answer, body }] of Object.entries(routes)) {
    const capital = name.charAt(0).toUpperCase() + name.slice(1)
    add(answer, `${capital}Answer`)
    add(body, `${capital}Body`)
  }
  return names
}

function operation(name: string, route: Route, names: Names): object {
  const { summary, params, query, body, answer, roles } = route
  const content = contentOf(answer, names)
  const problem = { $ref: '#/components/responses/Problem' }
  return {
    operationId: name,
    summary,
    description: `For certificates of: ${roles.join(', ')}.`,
    parameters: [...parameters(params, 'path'), ...parameters(query, 'query')],
    ...(body === null ? {} : { requestBody: { required: true, content: contentOf(body, names) } }),
    responses: {
      200: { description: summary, content },
      ...(name === 'health' ? { 503: { description: 'It cannot', content } } : {}),
      '4XX': problem,
      '5XX': problem,
    },
  }
}

function contentOf(schema: z.ZodType, names: Names): object {
  const id = names.get(schema)?.id ?? ''
  return { 'application/json': { schema: { $ref: refOf(id) } } }
}

function parameters(schema: z.ZodObject, place: 'path' | 'query'): object[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' })
  return Object.entries(properties).map(([name, value]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: value,
  }))
}

function schemasOf(names: Names): object {
  const { schemas } = z.toJSONSchema(names, { io: 'input', uri: refOf })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => [id, withoutIdentity(schema)]),
  )
}

const refOf = (id: string) => `#/components/schemas/${id}`

/** A component is named by its place, and the document says its dialect once. */
function withoutIdentity(schema: object): object {
  return Object.fromEntries(
    Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'),
  )
}

function problemResponse(): object {
  return {
    description: 'Why there is no answer (RFC 9457)',
    content: { [PROBLEM_TYPE]: { schema: { $ref: refOf('Problem') } } },
  }
}
