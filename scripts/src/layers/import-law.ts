/**
 * The import law: which part may import which, as data. `check-layers` follows imports transitively, so that "nodes cannot decrypt"
 * is a property of the import graph and not of good intentions.
 */

/** Parts of the house by path, the most specific first. Files outside every part are not checked. */
export const PARTS: readonly { name: string; path: RegExp }[] = [
  { name: 'crypto/open', path: /^crypto\/src\/(bytes|hash|merkle|merkle-proof|sign|errors)\.ts$/ },
  { name: 'crypto/open', path: /^crypto\/src\/(format|platform)\// },
  { name: 'crypto/secret', path: /^crypto\/src\// },
  { name: 'protocol', path: /^protocol\/src\// },
  { name: 'transport', path: /^transport\/src\// },
  { name: 'contracts', path: /^contracts\/src\// },
  { name: 'node', path: /^node\/src\// },
  { name: 'gateway', path: /^gateway\/src\// },
  { name: 'client-sdk', path: /^client-sdk\/src\// },
  { name: 'vault', path: /^explorer\/src\/vault\// },
  { name: 'explorer', path: /^explorer\/src\// },
  { name: 'kmc', path: /^kmc\/src\// },
  { name: 'agent', path: /^agent\/src\// },
  { name: 'cli', path: /^cli\/src\// },
  { name: 'scripts', path: /^scripts\/src\// },
  { name: 'test', path: /^test\// },
]

const EVERYTHING_BELOW = [
  'agent',
  'kmc',
  'client-sdk',
  'gateway',
  'node',
  'contracts',
  'transport',
  'protocol',
  'crypto/open',
  'crypto/secret',
] as const

/** What each part may import directly, besides itself. Tests beside code may import more (see check-layers). */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'crypto/open': [],
  'crypto/secret': ['crypto/open'],
  protocol: ['crypto/open'],
  transport: ['protocol', 'crypto/open'],
  contracts: ['protocol', 'crypto/open'],
  node: ['protocol', 'transport', 'contracts', 'crypto/open'],
  gateway: ['protocol', 'transport', 'contracts', 'crypto/open'],
  'client-sdk': ['protocol', 'transport', 'contracts', 'crypto/open', 'crypto/secret'],
  kmc: ['protocol', 'transport', 'contracts', 'crypto/open', 'crypto/secret'],
  agent: ['client-sdk', 'protocol'],
  explorer: ['protocol', 'contracts', 'crypto/open'],
  vault: ['explorer', 'client-sdk', 'protocol', 'contracts', 'crypto/open'],
  cli: EVERYTHING_BELOW,
  scripts: [...EVERYTHING_BELOW, 'cli'],
  test: [...EVERYTHING_BELOW, 'cli', 'scripts'],
}

/** Parts that are entered by one door only. */
export const ONLY_THROUGH: readonly { from: string; to: string; door: string; because: string }[] =
  [
    {
      from: 'vault',
      to: 'client-sdk',
      door: 'client-sdk/src/browser/index.ts',
      because: 'a page takes the SDK as every page does',
    },
  ]

/** What must not be reachable at all, through however many files. */
export const NEVER_REACHES: readonly { from: string; to: string; because: string }[] = [
  { from: 'node', to: 'crypto/secret', because: 'a storage node must not be able to decrypt' },
  { from: 'node', to: 'client-sdk', because: 'the SDK opens objects; a node must not' },
  { from: 'gateway', to: 'crypto/secret', because: 'the gateway must not be able to decrypt' },
  { from: 'gateway', to: 'client-sdk', because: 'the SDK opens objects; the gateway must not' },
  { from: 'node', to: 'kmc', because: 'the centre opens keys; a node must not' },
  { from: 'gateway', to: 'kmc', because: 'the centre opens keys; the gateway must not' },
  { from: 'explorer', to: 'kmc', because: 'the centre opens keys; these pages must not' },
  { from: 'vault', to: 'kmc', because: 'a page asks the centre; it must not be one' },
  { from: 'protocol', to: 'crypto/secret', because: 'the vocabulary is shared with nodes' },
  { from: 'contracts', to: 'crypto/secret', because: 'the bindings are shared with nodes' },
  { from: 'transport', to: 'crypto/secret', because: 'the transport is shared with nodes' },
  { from: 'explorer', to: 'crypto/secret', because: 'these pages show records and open nothing' },
  { from: 'explorer', to: 'client-sdk', because: 'these pages show records and open nothing' },
  { from: 'explorer', to: 'vault', because: 'keys are opened in a site of its own' },
]

/** Libraries of the edges, and the files that may use them. */
export const EDGE_LIBRARIES: readonly { library: RegExp; allowed: RegExp }[] = [
  {
    library: /^commander$/,
    allowed: /(^cli\/src\/|(^|\/|-)main\.ts$|-command\.ts$|^scripts\/|^[a-z-]+\/scripts\/)/,
  },
  {
    library: /^(pino|pino-pretty)$/,
    allowed:
      /^(cli|agent|scripts)\/src\/|^node\/src\/(main|observability\/)|^gateway\/src\/(api|observability)\/|-?main\.ts$/,
  },
  {
    library: /^prom-client$/,
    allowed: /^node\/src\/observability\/|^(gateway|kmc)\/src\/(api|observability|platform)\//,
  },
  {
    library: /^express$/,
    allowed: /^node\/src\/admin\/|^gateway\/src\/api\/|^kmc\/src\/(api|platform)\//,
  },
]

/** Files that may read `process.env` and `process.argv`. */
export const READS_ENVIRONMENT =
  /(^|\/|-)main\.ts$|^scripts\/|^[a-z-]+\/scripts\/|^test\/|\.test\.ts$/
