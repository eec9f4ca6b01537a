import { join, resolve } from 'node:path'
import { isFresh } from './is-fresh.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What everything in a page is made of. */
const SHARED = [
  ...['explorer/src', 'explorer/public', 'explorer/scripts', 'package-lock.json'],
  ...['protocol/src', 'contracts/src', 'crypto/src'],
]

interface Site {
  config: string
  /** Where it is built, from the folder of all pages on. */
  folder: string
  sources: readonly string[]
}

const SITES: readonly Site[] = [
  {
    config: 'explorer/vite.config.ts',
    folder: '.',
    sources: [...SHARED, 'explorer/index.html', 'explorer/vite.config.ts', 'samples/voyage'],
  },
  {
    config: 'explorer/vite.vault.config.ts',
    folder: 'vault',
    sources: [
      ...[...SHARED, 'explorer/vault', 'explorer/vite.vault.config.ts'],
      ...['client-sdk/src', 'transport/src'],
    ],
  },
]

/**
 * Builds the explorer's pages and the vault where they are missing or older than their sources, and says so in one line. The
 * launcher runs this before what serves them.
 *
 * @param pages - folder that they are built into.
 */
async function ensureBuilt(pages: string): Promise<void> {
  const isCurrent = ({ folder, sources }: Site): Promise<boolean> =>
    isFresh(
      join(pages, folder, 'index.html'),
      sources.map((path) => join(ROOT, path)),
    )
  const standing = await Promise.all(SITES.map(isCurrent))
  const stale = SITES.filter((_, place) => standing[place] === false)
  if (stale.length === 0) return
  process.stderr.write('orlop: building the pages of the explorer …\n')
  const { build } = await import('vite')
  for (const { config, folder } of stale) {
    await build({
      configFile: join(ROOT, config),
      // Node runs the configuration itself: bundled, it would be searched for our packages without the condition that finds them.
      configLoader: 'native',
      logLevel: 'warn',
      build: { outDir: join(pages, folder) },
    })
  }
}

await ensureBuilt(resolve(process.argv[2] ?? join(ROOT, 'explorer/dist')))
