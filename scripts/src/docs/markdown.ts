import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))

const SKIPPED = new Set(['node_modules', 'dist', 'artifacts', 'cache', '.git', '.runtime'])

/** Every Markdown file of the repository, as paths from its root. */
export async function markdownFiles(folder = REPOSITORY): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) found.push(...(await markdownFiles(path)))
    else if (entry.name.endsWith('.md')) found.push(relative(REPOSITORY, path))
  }
  return found
}

/** Reads a file by its path from the root. */
export function readText(path: string): Promise<string> {
  return readFile(join(REPOSITORY, path), 'utf8')
}

/** One link from a Markdown file to another file of the repository. */
export interface RelativeLink {
  /** Path from the root that it leads to. */
  target: string
  /** Heading after `#`; empty when there is none. */
  anchor: string
}

/** The relative links of a Markdown text; code is left out, and what leads elsewhere. */
export function relativeLinks(file: string, text: string): RelativeLink[] {
  const prose = text.replaceAll(/^```.*?^```/gms, '').replaceAll(/`[^`\n]*`/g, '')
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor = ''] = target.split('#')
      return { target: path === '' ? file : join(dirname(file), path), anchor }
    })
}

/** The anchors of a Markdown text's headings, as GitHub makes them. */
export function headingAnchors(text: string): Set<string> {
  const headings = text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.+)$/gm)
  return new Set([...headings].map(([, heading = '']) => anchorOf(heading)))
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

/** The cells of every table row of a Markdown text, spaces around them removed. */
export function tableRows(text: string): string[][] {
  const rows = text.split('\n').filter((line) => line.startsWith('|') && !/^\|[\s|:-]+$/.test(line))
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** The first fenced block of a language; null when there is none. */
export function fencedBlock(text: string, language: string): string | null {
  return new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(text)?.[1] ?? null
}
