// Builds crypto/assembly into the checked-in WebAssembly module, or with --check only says whether
// the checked-in files are what the sources give (exit code 1 when they are not).

import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import asc from 'assemblyscript/asc'

const PACKAGE_FOLDER = new URL('..', import.meta.url)
const MODULE_FILE = new URL('src/chaos/chaos.wasm', PACKAGE_FOLDER)
const EMBEDDED_FILE = new URL('src/chaos/chaos-wasm.generated.ts', PACKAGE_FOLDER)

const COMPILER_OPTIONS = [
  // Optimised for speed; the shrink level keeps the module under 4 KiB, the most that older
  // browsers compile synchronously on a page's main thread.
  ...['-O3', '--shrinkLevel', '1', '--converge', '--noAssert'],
  ...['--runtime', 'stub', '--use', 'abort=', '--enable', 'simd'],
  // v128 values pass between the module's own files only, never to the host.
  ...['--disableWarning', '112'],
]

async function compile(): Promise<Uint8Array> {
  const binaries: Uint8Array[] = []
  const baseDir = fileURLToPath(PACKAGE_FOLDER)
  const { error } = await asc.main(
    ['assembly/index.ts', '--baseDir', baseDir, '-o', 'chaos.wasm', ...COMPILER_OPTIONS],
    {
      stderr: process.stderr,
      writeFile: (_name, contents) => {
        binaries.push(Uint8Array.from(contents as Uint8Array))
      },
    },
  )
  const [binary] = binaries
  if (error !== null || binary === undefined) {
    throw new Error('crypto/assembly does not compile', { cause: error })
  }
  return binary
}

function formatEmbedded(binary: Uint8Array): string {
  const base64 = Buffer.from(binary).toString('base64')
  return [
    '// Generated from crypto/assembly by `npm run build:wasm`; do not edit.',
    '',
    '/** `chaos.wasm` as base64, so that loading it needs no file, no network and no bundler rule. */',
    `export const chaosWasmBase64 =\n  '${base64}'`,
    '',
  ].join('\n')
}

async function isCurrent(file: URL, expected: Uint8Array): Promise<boolean> {
  const found = await readFile(file).catch(() => null)
  return found !== null && Buffer.compare(found, expected) === 0
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
  const binary = await compile()
  const outputs = new Map([
    [MODULE_FILE, binary],
    [EMBEDDED_FILE, new TextEncoder().encode(formatEmbedded(binary))],
  ])
  for (const [file, contents] of outputs) {
    const name = fileURLToPath(file)
    if (!values.check) {
      await writeFile(file, contents)
      process.stdout.write(`${name}: ${contents.length} bytes\n`)
    } else if (!(await isCurrent(file, contents))) {
      process.stderr.write(`${name} is not what crypto/assembly gives: npm run build:wasm\n`)
      process.exitCode = 1
    }
  }
}

await main()
