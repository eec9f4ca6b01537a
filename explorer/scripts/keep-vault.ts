import { readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Plugin } from 'vite'

const VAULT_FOLDER = 'vault'

/** Empties the folder that is built into, but for the vault in it, which is a build of its own. */
export function keepVault(): Plugin {
  let folder = ''
  return {
    name: 'orlop-keep-vault',
    apply: 'build',
    config: () => ({ build: { emptyOutDir: false } }),
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir)
    },
    // When everything could be read, and before anything is written.
    async buildEnd(error) {
      if (error !== undefined) return
      const names = await readdir(folder).catch(() => [])
      const old = names.filter((name) => name !== VAULT_FOLDER)
      await Promise.all(old.map((name) => rm(join(folder, name), { recursive: true })))
    },
  }
}
