// Writes the default policy as a module, for web pages, which cannot read default-policy.yaml.

import { writeFile } from 'node:fs/promises'
import { loadPolicy } from '@orlop/client-sdk/policy/load-policy'
import { format, resolveConfig } from 'prettier'

const MODULE_FILE = new URL('../src/policy/default-policy.generated.ts', import.meta.url)

const policy = JSON.stringify(await loadPolicy())
const source = `// Generated from default-policy.yaml by \`npm run build:policy\`; do not edit.
import type { Policy } from './schema.ts'

/** The policy of default-policy.yaml, where there is no file to read. */
export const defaultPolicy: Policy = ${policy}
`
const options = await resolveConfig(MODULE_FILE)
await writeFile(MODULE_FILE, await format(source, { ...options, parser: 'typescript' }))
