import { backend } from '#cipher-backend'

import type { CipherBackend } from './cipher-backend.ts'

/** The fastest backend of the platform: OpenSSL in Node, JavaScript in browsers. */
export const platformBackend: CipherBackend = backend
