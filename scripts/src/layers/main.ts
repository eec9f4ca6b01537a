import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { checkLayers } from './check-layers.ts'

const list = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx'], {
  encoding: 'utf8',
})
const paths = list
  .split('\n')
  // A file that was deleted is still listed until that is committed.
  .filter((path) => /^[a-z-]+\/(src|scripts)\/|^test\//.test(path) && existsSync(path))
const problems = checkLayers(new Map(paths.map((path) => [path, readFileSync(path, 'utf8')])))
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.stdout.write(`import law: ${paths.length} files, ${problems.length} violations\n`)
process.exit(problems.length === 0 ? 0 : 1)
