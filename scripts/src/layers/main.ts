import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { checkLayers } from './check-layers.ts'

const list = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx'], {
  encoding: 'utf8',
})
const paths = list.split('\n').filter((path) => /^[a-z-]+\/(src|scripts)\/|^test\//.test(path))
const problems = checkLayers(new Map(paths.map((path) => [path, readFileSync(path, 'utf8')])))
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.stdout.write(`import law: ${paths.length} files, ${problems.length} violations\n`)
process.exit(problems.length === 0 ? 0 : 1)
