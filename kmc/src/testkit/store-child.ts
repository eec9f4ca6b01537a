import { encodeUtf8 } from '@orlop/crypto/bytes'
import { LevelKeyStore } from '../store/level-key-store.ts'

/** Counts up two rows that belong together, and says each number once it is acknowledged, until it is killed. */
process.on('message', ({ folder }: { folder: string }) => void count(folder))

async function count(folder: string): Promise<never> {
  const store = await LevelKeyStore.open(folder)
  const row = await store.get('left')
  let number = row === null ? 0 : Number(new TextDecoder().decode(row.value))
  for (;;) {
    number += 1
    const value = encodeUtf8(String(number))
    await store.transact({
      conditions: [],
      changes: ['left', 'right'].map((key) => ({ type: 'put', key, value })),
    })
    process.stdout.write(`${number}\n`)
  }
}
