import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { emptyBut } from './scripts/empty-but.ts'
import { sealedSamples } from './scripts/sealed-samples.ts'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    react(),
    emptyBut('vault'),
    sealedSamples(join(import.meta.dirname, '../samples/voyage')),
  ],
  resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
  build: {
    target: 'es2023',
    // The gateway's policy lets no styles or scripts in that are not files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
