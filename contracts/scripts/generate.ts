import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'

/**
 * Compiles the contracts and writes `contracts/src/abi.generated.ts`: what TypeScript knows of them, and the bytecode that the
 * embedded ledger deploys. With `--check` nothing is written; exit code 1 says that the file is stale.
 */

const CONTRACTS = ['Registry', 'Receipts', 'Credit', 'Anchors'] as const

const root = fileURLToPath(new URL('../..', import.meta.url))
const target = join(root, 'contracts/src/abi.generated.ts')

const artifactSchema = z.object({
  abi: z.array(z.looseObject({ type: z.string() })),
  bytecode: z.string().regex(/^0x[0-9a-f]+$/, 'expected creation bytecode without open links'),
})

async function compile(): Promise<void> {
  const entry = createRequire(import.meta.url).resolve('hardhat/package.json')
  const cli = join(dirname(entry), 'dist/src/cli.js')
  await promisify(execFile)(process.execPath, [cli, 'build', '--quiet'], { cwd: root })
}

async function describe(name: string): Promise<string> {
  const path = join(root, `contracts/artifacts/contracts/src/${name}.sol/${name}.json`)
  const artifact = artifactSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  const lower = name.toLowerCase()
  const entries = artifact.abi.map((entry) => `  ${JSON.stringify(entry)},`)
  return [
    `export const ${lower}Abi = [`,
    ...entries,
    '] as const',
    '',
    `export const ${lower}Bytecode =`,
    `  '${artifact.bytecode}'`,
    '',
  ].join('\n')
}

await compile()
const parts = await Promise.all(CONTRACTS.map(describe))
const wanted = `// Written by 'npm run build:contracts' from contracts/src/*.sol; not edited by hand.\n\n${parts.join('\n')}`
const isStale = (await readFile(target, 'utf8').catch(() => '')) !== wanted

if (process.argv.includes('--check')) {
  if (isStale) {
    process.stderr.write(
      "contracts/src/abi.generated.ts is stale. Run 'npm run build:contracts'.\n",
    )
    process.exitCode = 1
  }
} else if (isStale) {
  await writeFile(target, wanted)
}
