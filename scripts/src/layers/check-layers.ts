import {
  EDGE_LIBRARIES,
  MAY_IMPORT,
  NEVER_REACHES,
  ONLY_THROUGH,
  PARTS,
  READS_ENVIRONMENT,
} from './import-law.ts'
import { type Import, readImports, type SourceFiles } from './import-graph.ts'

/**
 * Holds the code against the import law.
 *
 * @returns one sentence a violation, empty when the law holds.
 */
export function checkLayers(files: SourceFiles): string[] {
  const imports = readImports(files)
  const own = imports.filter((one) => one.isOurs)
  const product = own.filter((one) => !isTest(one.from))
  return [
    ...checkDirectImports(product),
    ...checkDoors(product),
    ...checkReach(product),
    ...checkCycles(product),
    ...checkEdgeLibraries(imports),
    ...checkEnvironment(files),
  ]
}

/** The part of the house a file belongs to; null for files outside. */
function partOf(path: string): string | null {
  return PARTS.find((part) => part.path.test(path))?.name ?? null
}

function isTest(path: string): boolean {
  return /\.(test|conformance)\.ts$/.test(path) || path.startsWith('test/')
}

function checkDirectImports(imports: Import[]): string[] {
  return imports.flatMap(({ from, to, line }) => {
    const [source, target] = [partOf(from), partOf(to)]
    if (source === null || target === null || source === target) return []
    if (MAY_IMPORT[source]?.includes(target) === true) return []
    return [`${from}:${line} imports ${to}: ${source} may not import ${target}`]
  })
}

function checkDoors(imports: Import[]): string[] {
  return imports.flatMap(({ from, to, line }) => {
    const rule = ONLY_THROUGH.find((one) => one.from === partOf(from) && one.to === partOf(to))
    if (rule === undefined || to === rule.door) return []
    return [`${from}:${line} imports ${to} and not ${rule.door}, but ${rule.because}`]
  })
}

function checkReach(imports: Import[]): string[] {
  const next = Map.groupBy(imports, (one) => one.from)
  return NEVER_REACHES.flatMap(({ from, to, because }) => {
    const starts = [...next.keys()].filter((path) => partOf(path) === from)
    return starts.flatMap((start) => {
      const path = findPath(start, (file) => partOf(file) === to, next)
      return path === null ? [] : [`${path.join(' -> ')}: ${from} reaches ${to}, but ${because}`]
    })
  })
}

function findPath(
  start: string,
  isGoal: (path: string) => boolean,
  next: Map<string, Import[]>,
): string[] | null {
  const cameFrom = new Map<string, string | null>([[start, null]])
  const queue = [start]
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (isGoal(file)) return walkBack(file, cameFrom)
    for (const { to } of next.get(file) ?? []) {
      if (cameFrom.has(to)) continue
      cameFrom.set(to, file)
      queue.push(to)
    }
  }
  return null
}

function walkBack(end: string, cameFrom: Map<string, string | null>): string[] {
  const path = [end]
  for (let at = cameFrom.get(end); at !== null && at !== undefined; at = cameFrom.get(at))
    path.unshift(at)
  return path
}

/** Import cycles between files: they hide which side is the lower one. */
function checkCycles(imports: Import[]): string[] {
  const next = Map.groupBy(imports, (one) => one.from)
  const seen = new Set<string>()
  const found: string[] = []
  for (const { from, to } of imports) {
    if (from === to) continue
    const back = findPath(to, (file) => file === from, next)
    if (back === null) continue
    const key = [...new Set(back)].sort().join()
    if (seen.has(key)) continue
    seen.add(key)
    found.push(`${[from, ...back].join(' -> ')}: import cycle`)
  }
  return found
}

function checkEdgeLibraries(imports: Import[]): string[] {
  return imports.flatMap(({ from, to, isOurs, line }) => {
    if (isOurs || isTest(from)) return []
    const rule = EDGE_LIBRARIES.find(({ library }) => library.test(to))
    if (rule === undefined || rule.allowed.test(from)) return []
    return [`${from}:${line} imports ${to}, a library of the edges`]
  })
}

function checkEnvironment(files: SourceFiles): string[] {
  return [...files].flatMap(([path, text]) => {
    if (READS_ENVIRONMENT.test(path) || !/\bprocess\.(env|argv)\b/.test(text)) return []
    return [`${path} reads process.env or process.argv; only main.ts files may`]
  })
}
