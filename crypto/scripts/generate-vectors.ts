import { writeFileSync } from 'node:fs'

import { goldenFiles } from '../src/testing/golden-vectors.ts'

// Writes the golden vectors of the format. They change only when the format gets a new version:
// bytes that were written once must stay readable for ever.
for (const [name, content] of Object.entries(await goldenFiles())) {
  const url = new URL(`../vectors/${name}`, import.meta.url)
  writeFileSync(url, `${JSON.stringify(content, null, 2)}\n`)
}
