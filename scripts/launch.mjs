// The launcher: finds a Node that can run Orlop from source (bringing its own where only an older one stands),
// installs the locked dependencies once, then runs the command asked for. Plain JavaScript on purpose: it must
// start on Node 18 and newer, before anything is installed.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const MINIMUM_NODE = [22, 18]
const BROUGHT_NODE = '24.21.0'

// Young garbage is collected at 2 MiB instead of 16: an eighth of the memory of every thread, at no cost that could be measured.
const FRUGAL = ['--max-semi-space-size=2']
const COMMANDS = {
  start: ['node', ...FRUGAL, join(root, 'cli/src/main.ts'), 'start'],
  orlop: ['node', ...FRUGAL, join(root, 'cli/src/main.ts')],
  test: ['node', join(root, 'scripts/src/run-tests.ts')],
  check: ['node', join(root, 'scripts/src/run-checks.ts')],
  bench: ['node', ...FRUGAL, join(root, 'scripts/src/bench/main.ts')],
  exec: [],
}

function fail(message) {
  process.stderr.write(`orlop: ${message}\n`)
  process.exit(1)
}

function isRecentEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])
}

function run(command, args, env) {
  const done = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] })
  if (done.error) throw new Error(`cannot run ${command}: ${done.error.message}`)
  if (done.status !== 0) {
    throw new Error(
      `${command} ${args[0]} failed with exit code ${done.status}; see its output above`,
    )
  }
}

/** Takes a lock file so that two launchers never install into the same place at once; a killed launcher's lock counts for nothing. */
async function withInstallLock(install) {
  const lock = join(root, '.runtime', 'install.lock')
  mkdirSync(dirname(lock), { recursive: true })
  while (!takeLock(lock)) await new Promise((resolve) => setTimeout(resolve, 500))
  try {
    install()
  } finally {
    rmSync(lock, { force: true })
  }
}

function takeLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0)
  } catch {
    rmSync(lock, { force: true })
  }
  return false
}

/** The folder that holds a `node` fit to run Orlop. */
async function nodeFolder() {
  if (isRecentEnough(process.versions.node)) return dirname(process.execPath)
  const name = `node-${process.platform}-${process.arch}`
  const prefix = join(root, '.runtime', `node-${BROUGHT_NODE}`)
  const folder = join(prefix, 'node_modules', name, 'bin')
  if (!existsSync(join(folder, 'node'))) {
    process.stderr.write(
      `orlop: Node ${process.versions.node} is too old, fetching Node ${BROUGHT_NODE} …\n`,
    )
    await withInstallLock(() => {
      if (existsSync(join(folder, 'node'))) return
      const args = [
        'install',
        '--prefix',
        prefix,
        '--no-save',
        '--loglevel=error',
        `${name}@${BROUGHT_NODE}`,
      ]
      mkdirSync(prefix, { recursive: true })
      run('npm', args, process.env)
    })
  }
  return folder
}

/**
 * Installs what package-lock.json names, once for each lock file and Node. `npm install --no-save` and not `npm ci`: the latter refuses a
 * lock file without native packages of other platforms, which npm leaves out wherever a registry does not serve them.
 */
async function ensureDependencies(env) {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const stamp = createHash('sha256').update(lock).update(env.PATH.split(delimiter)[0]).digest('hex')
  const stampFile = join(root, 'node_modules', '.orlop-stamp')
  const isCurrent = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
  if (isCurrent()) return
  process.stderr.write('orlop: installing dependencies (once) …\n')
  await withInstallLock(() => {
    if (isCurrent()) return
    run(
      'npm',
      ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      env,
    )
    writeFileSync(stampFile, stamp)
  })
}

/** What serves the explorer's pages, or tests them, has them built first where they are missing or older than their sources. */
function needsPages(name, [command]) {
  return (
    name === 'test' ||
    name === 'start' ||
    (name === 'orlop' && ['devnet', 'gateway', 'start'].includes(command))
  )
}

const [name, ...args] = process.argv.slice(2)
if (!name || !Object.hasOwn(COMMANDS, name)) {
  fail(`unknown launcher command '${name ?? ''}'; use one of ${Object.keys(COMMANDS).join(', ')}`)
}
const env = { ...process.env }
try {
  env.PATH = [await nodeFolder(), join(root, 'node_modules', '.bin'), env.PATH].join(delimiter)
  await ensureDependencies(env)
} catch (error) {
  fail(error.message)
}
if (!/--conditions[= ]source/.test(env.NODE_OPTIONS ?? '')) {
  env.NODE_OPTIONS = `${env.NODE_OPTIONS ?? ''} --conditions=source`.trim()
}

// Compiled code is kept: a command starts in two thirds of the time, and so does every process it starts.
env.NODE_COMPILE_CACHE ??= join(root, '.runtime', 'compile-cache')

if (needsPages(name, args)) {
  try {
    await withInstallLock(() => run('node', [join(root, 'explorer/scripts/ensure-built.ts')], env))
  } catch (error) {
    fail(error.message)
  }
}

const [command, ...rest] = [...COMMANDS[name], ...args]
const cwd = name === 'orlop' || name === 'start' ? process.cwd() : root
const child = spawn(command, rest, { cwd, env, stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (error) => fail(`cannot run ${command}: ${error.message}`))
child.on('exit', (code, signal) => process.exit(signal ? 1 : code))
