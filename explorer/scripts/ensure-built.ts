import { join } from 'node:path'
import { isFresh } from './is-fresh.ts'

const ROOT = join(import.meta.dirname, '../..')
const SOURCES = [
  ...['src', 'public', 'scripts', 'index.html', 'vite.config.ts'].map((name) => `explorer/${name}`),
  ...['protocol/src', 'contracts/src', 'crypto/src', 'samples/voyage', 'package-lock.json'],
]

/** Builds the pages where they are missing or older than their sources. The launcher runs this before what serves them. */
async function ensureBuilt(): Promise<void> {
  const sources = SOURCES.map((path) => join(ROOT, path))
  if (await isFresh(join(ROOT, 'explorer/dist/index.html'), sources)) return
  process.stderr.write('orlop: building the pages of the explorer …\n')
  const { build } = await import('vite')
  await build({
    configFile: join(ROOT, 'explorer/vite.config.ts'),
    // Node runs the configuration itself: bundled, it would be searched for our packages without the condition that finds them.
    configLoader: 'native',
    logLevel: 'warn',
  })
}

await ensureBuilt()
