import { readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Plugin } from 'vite'

/** Empties the folder that is built into, but for a name in it that is not this build's to remove. */
export function emptyBut(kept: string): Plugin {
  let folder = ''
  return {
    name: 'orlop-empty-but',
    apply: 'build',
    config: () => ({ build: { emptyOutDir: false } }),
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir)
    },
    // When everything could be read, and before anything is written.
    async buildEnd(error) {
      if (error !== undefined) return
      const names = await readdir(folder).catch(() => [])
      const old = names.filter((name) => name !== kept)
      await Promise.all(old.map((name) => rm(join(folder, name), { recursive: true })))
    },
  }
}
