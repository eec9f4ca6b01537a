import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'

export interface Import {
  /** Path of the importing file, from the repository's root. */
  from: string
  /** Path of the imported file for our own code; the bare package name otherwise. */
  to: string
  isOurs: boolean
  line: number
}

/** Paths (from the root, `/` between parts) and texts of the TypeScript files to look at. */
export type SourceFiles = ReadonlyMap<string, string>

/**
 * Every import, re-export, dynamic import and type import of the given files.
 *
 * @throws Error when a specifier of our own names no file: an unresolved import must not pass as allowed.
 */
export function readImports(files: SourceFiles): Import[] {
  return [...files].flatMap(([path, text]) => importsOfFile(path, text, files))
}

function importsOfFile(path: string, text: string, files: SourceFiles): Import[] {
  const { importedFiles } = ts.preProcessFile(text, true, true)
  return importedFiles.map(({ fileName, pos }) => {
    const line = text.slice(0, pos).split('\n').length
    const to = resolveSpecifier(path, fileName, files)
    if (to === null) return { from: path, to: packageName(fileName), isOurs: false, line }
    if (!files.has(to) && /\.tsx?$/.test(to)) {
      throw new Error(`${path}:${line} imports '${fileName}', but there is no ${to}`)
    }
    return { from: path, to, isOurs: true, line }
  })
}

/** The file that a specifier of our own code names; null for a package or a Node module. */
function resolveSpecifier(from: string, specifier: string, files: SourceFiles): string | null {
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier))
  const ours = /^@orlop\/([a-z-]+)(?:\/(.+))?$/.exec(specifier)
  if (ours === null) return null
  const path = `${ours[1] ?? ''}/src/${ours[2] ?? 'index'}`
  const index = `${path}/index.ts`
  return files.has(index) ? index : `${path}.ts`
}

function packageName(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier)
}
