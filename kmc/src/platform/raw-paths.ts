import { HASH_ALGORITHMS } from './platform.ts'
import { HASH_STREAM_PATH, TIMESTAMPS_PATH } from './raw-router.ts'

const binary = { type: 'string', format: 'binary' }
const problem = { $ref: '#/components/responses/Problem' }

/** The paths of `rawRouter` for the OpenAPI document. */
export const RAW_PATHS = {
  [HASH_STREAM_PATH]: {
    post: {
      operationId: 'hashStream',
      summary: 'The digest of up to 1 GiB',
      description: 'For certificates of: application.',
      parameters: [
        {
          name: 'algorithm',
          in: 'path',
          required: true,
          schema: { type: 'string', enum: HASH_ALGORITHMS },
        },
      ],
      requestBody: { required: true, content: { 'application/octet-stream': { schema: binary } } },
      responses: {
        200: {
          description: 'The digest',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/HashAnswer' } } },
        },
        '4XX': problem,
        '5XX': problem,
      },
    },
  },
  [TIMESTAMPS_PATH]: {
    post: {
      operationId: 'timestamp',
      summary: 'A timestamp by RFC 3161; what cannot be granted is answered in its way too',
      description: 'For every certificate.',
      parameters: [],
      requestBody: {
        required: true,
        content: { 'application/timestamp-query': { schema: binary } },
      },
      responses: {
        200: {
          description: 'TimeStampResp',
          content: { 'application/timestamp-reply': { schema: binary } },
        },
        '4XX': problem,
        '5XX': problem,
      },
    },
  },
}
