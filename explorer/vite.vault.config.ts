import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { emptyBut } from './scripts/empty-but.ts'
import { HOST_FILE, integrity } from './scripts/integrity.ts'

/** The vault: a static site of its own, which any host may serve from any folder. */
export default defineConfig({
  root: join(import.meta.dirname, 'vault'),
  base: './',
  publicDir: false,
  // Deployment and endpoint that a host pinned outlive a build.
  plugins: [react(), emptyBut(HOST_FILE), integrity()],
  resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    outDir: join(import.meta.dirname, 'dist/vault'),
    // The page's policy lets no styles or scripts in that are not files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One script: what is loaded later by another script has no integrity attribute.
    rolldownOptions: { output: { codeSplitting: false } },
    chunkSizeWarningLimit: 2_000,
  },
})
