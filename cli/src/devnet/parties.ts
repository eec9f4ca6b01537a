import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { CliContext } from '../context.ts'
import { makeKeyring } from '../commands/client.ts'
import { readNetworkFile } from '../network-file.ts'
import { withClient } from '../open-client.ts'
import type { Devnet } from './devnet.ts'
import { type HomeLayout, programFile } from './layout.ts'

const ADMISSION_PAUSE_MS = 500

/** The ship of the sample voyage. */
const SAMPLE_SHIP = { name: 'ORLOP PIONEER', imoNumber: 9_074_729 }

/** Makes the shore client of this home where there is none, registers it, and waits until the master has admitted it. */
export async function settleShoreClient(context: CliContext, layout: HomeLayout): Promise<number> {
  const passphrase = await devnetPassphrase(layout)
  await makeKeyring(layout.clientHome, passphrase)
  return await withClient(context, async (client) => {
    for (;;) {
      const { clientId, state } = await client.register(
        { name: 'Shore office' },
        { signal: context.signal },
      )
      if (state === 'admitted') return clientId
      await delay(ADMISSION_PAUSE_MS, undefined, { signal: context.signal })
    }
  })
}

/** Starts the agent on the sample voyage; what it stores may be opened by the shore client. */
export async function startAgent(
  devnet: Devnet,
  layout: HomeLayout,
  shoreClientId: number,
): Promise<void> {
  const { rpcUrl, deployment, finalAfterMs } = readNetworkFile(layout.networkFile)
  await mkdir(layout.voyageFolder, { recursive: true })
  await mkdir(layout.agentHome, { recursive: true, mode: 0o700 })
  const config = {
    home: layout.agentHome,
    watch: [layout.voyageFolder],
    ship: SAMPLE_SHIP,
    ledger: { rpcUrl, deployment, finalAfterMs },
    passphraseFile: layout.passphraseFile,
    shareWith: [shoreClientId],
    settledMs: 500,
  }
  const file = join(layout.agentHome, 'agent.json')
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`)
  await devnet.startPart({
    name: 'agent',
    script: programFile('@orlop/agent/main'),
    args: ['--config', file],
  })
}

/** The passphrase that a development network makes for its own keyrings, and keeps in the clear beside them. */
async function devnetPassphrase(layout: HomeLayout): Promise<string> {
  const file = layout.passphraseFile
  if (!existsSync(file)) {
    await mkdir(layout.devnet, { recursive: true })
    await writeFile(file, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  }
  return (await readFile(file, 'utf8')).trim()
}
