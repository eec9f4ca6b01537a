import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, posix, relative, sep } from 'node:path'
import type { Plugin } from 'vite'

const SUMS_FILE = 'SHA256SUMS'
/** Written by whoever hosts a page, so that its sum tells nothing. */
export const HOST_FILE = 'config.json'

/** Tags that make a browser run or apply a file. Others (an icon) cannot do harm. */
const TAG = /<(?:script|link)\b[^>]*>/g
const LOADING_LINK = /\brel="(?:stylesheet|modulepreload|preload)"/

/**
 * Makes a built page one that can be checked: `index.html` names the SHA-384 of every script and style that it loads (W3C Subresource
 * Integrity), and `SHA256SUMS`, in the form of `sha256sum`, names every file of the folder.
 *
 * It reads what was written, after everything else has written it, so that the sums are those of the files and not of intentions.
 */
export function integrity(): Plugin {
  return {
    name: 'orlop-integrity',
    apply: 'build',
    writeBundle: {
      order: 'post',
      sequential: true,
      async handler({ dir }) {
        if (dir === undefined) throw new Error('integrity: expected a build into a folder')
        await protect(dir)
      },
    },
  }
}

/**
 * Adds integrity to the page in a folder, and writes the folder's sums.
 *
 * @throws Error when the page runs a script of its own text, or loads something that is not a file beside it.
 */
export async function protect(folder: string): Promise<void> {
  const page = join(folder, 'index.html')
  await writeFile(page, await withIntegrity(await readFile(page, 'utf8'), folder))
  await writeFile(join(folder, SUMS_FILE), await sumsOf(folder))
}

async function withIntegrity(html: string, folder: string): Promise<string> {
  let protectedHtml = html
  for (const [tag] of html.matchAll(TAG)) {
    if (tag.startsWith('<link') && !LOADING_LINK.test(tag)) continue
    const path = /\b(?:src|href)="([^"]*)"/.exec(tag)?.[1]
    if (path === undefined || !/^\.\/[\w./-]+$/.test(path) || path.includes('..')) {
      throw new Error(`integrity: index.html has ${tag}, which is no file beside it`)
    }
    const digest = createHash('sha384').update(await readFile(join(folder, path)))
    const plain = tag.replaceAll(/ (?:integrity|crossorigin)(?:="[^"]*")?/g, '')
    const attributes = ` integrity="sha384-${digest.digest('base64')}" crossorigin`
    protectedHtml = protectedHtml.replace(tag, () => plain.replace(/ ?\/?>$/, `${attributes}>`))
  }
  return protectedHtml
}

/** Lines of SHA-256 and path, in the order of the paths' code units: the same files give the same text everywhere. */
async function sumsOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      relative(folder, join(parentPath, name)).replaceAll(sep, posix.sep),
    )
    .filter((path) => path !== SUMS_FILE && path !== HOST_FILE)
    .sort()
  const lines = paths.map(async (path) => {
    const digest = createHash('sha256').update(await readFile(join(folder, path)))
    return `${digest.digest('hex')}  ${path}\n`
  })
  return (await Promise.all(lines)).join('')
}
