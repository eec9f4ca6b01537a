import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeBackend } from '@orlop/crypto/backends/node-backend'
import { concat } from '@orlop/crypto/bytes'
import { javascriptEngine } from '@orlop/crypto/chaos/javascript-engine'
import { encodeHeader } from '@orlop/crypto/format/header'
import { commitHeader } from '@orlop/crypto/keys/commitment'
import { sealObject } from '@orlop/crypto/sealing/object'
import { createSealingContext } from '@orlop/crypto/sealing/sealing-context'
import type { Plugin } from 'vite'

const SAMPLES = [
  { file: 'voyage-plan-2022-03-22.txt', name: 'plan.txt' },
  { file: 'quay-photo.jpg', name: 'quay.jpg' },
] as const
const LEVELS = [1, 2] as const
const CHUNK_BYTES = 4 * 1024 * 1024

/** Bytes fixed by a name, so that the same sources build the same pages. They guard nothing: the samples are public. */
function namedBytes(name: string): Uint8Array {
  return createHash('sha256').update(`orlop explorer sample: ${name}`).digest()
}

async function seal(
  name: string,
  level: (typeof LEVELS)[number],
  plain: Uint8Array,
): Promise<Uint8Array> {
  const dataKey = namedBytes(`${name} ${level} key`)
  const header = commitHeader(dataKey, {
    objectId: namedBytes(`${name} ${level} id`),
    suite: 'aes-256-gcm',
    level,
    chaosProfile: level === 1 ? 'none' : 'wide',
    chunkBytes: CHUNK_BYTES,
    k: 1,
    m: 2,
    stripeShareBytes: 65_536,
    salt: namedBytes(`${name} ${level} salt`),
  })
  const context = createSealingContext({
    dataKey,
    headerBytes: encodeHeader(header),
    backend: nodeBackend,
    chaos: javascriptEngine,
  })
  const chunks: Uint8Array[] = []
  for await (const { sealed } of sealObject(context, [{ codec: 'stored', body: plain }])) {
    chunks.push(sealed)
  }
  return concat(...chunks)
}

/**
 * Puts files of the sample voyage beside the pages, as a ship stores them and as a node keeps them, sealed by the code that ships use:
 * `intruder/NAME` and `intruder/NAME.LEVEL.bin`.
 *
 * @param folder - of the sample voyage.
 */
export function sealedSamples(folder: string): Plugin {
  return {
    name: 'orlop-sealed-samples',
    async generateBundle() {
      for (const { file, name } of SAMPLES) {
        const plain = new Uint8Array(await readFile(join(folder, file)))
        this.emitFile({ type: 'asset', fileName: `intruder/${name}`, source: plain })
        for (const level of LEVELS) {
          const source = await seal(name, level, plain)
          this.emitFile({ type: 'asset', fileName: `intruder/${name}.${level}.bin`, source })
        }
      }
    },
  }
}
