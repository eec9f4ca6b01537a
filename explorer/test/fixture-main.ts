import { FixtureServer, type FixtureMode } from './kit/fixture-server.ts'

/** Serves the built pages with fixed answers, to look at them: `npm run fixture -w explorer -- [full|empty|loading|failing|broken] [port]`. */
const server = new FixtureServer()
server.mode = (process.argv[2] ?? 'full') as FixtureMode
process.stdout.write(`${await server.start(Number(process.argv[3] ?? 0))}\n`)
