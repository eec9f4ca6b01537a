import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { decodeHex } from '@orlop/crypto/bytes'
import { isOrlopError } from '@orlop/protocol/errors'
import { deployContracts } from '@orlop/contracts/deploy-contracts'

/**
 * Puts the three contracts on any EVM chain:
 * `node contracts/scripts/deploy.ts --rpc-url <url> --key-file <file> --out deployment.json`.
 * The key file holds 64 hexadecimal digits; its account becomes admin and steward.
 */

const USAGE = 'Usage: deploy.ts --rpc-url <url> --key-file <file> --out <deployment.json>\n'

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      'rpc-url': { type: 'string' },
      'key-file': { type: 'string' },
      out: { type: 'string' },
    },
  })
  const { 'rpc-url': rpcUrl, 'key-file': keyFile, out } = values
  if (rpcUrl === undefined || keyFile === undefined || out === undefined) {
    process.stderr.write(USAGE)
    return 2
  }
  const digits = (await readFile(keyFile, 'utf8')).trim().replace(/^0x/, '')
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) {
    process.stderr.write(`${keyFile} does not hold 64 hexadecimal digits.\n`)
    return 2
  }
  const deployment = await deployContracts({ rpcUrl, privateKey: decodeHex(digits) })
  const text = `${JSON.stringify(deployment, null, 2)}\n`
  await writeFile(out, text, { flag: 'wx' })
  process.stdout.write(text)
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  const message = isOrlopError(error) ? `${error.code}: ${error.message}` : String(error)
  process.stderr.write(`${message}\n`)
  process.exitCode = isOrlopError(error) && error.isUsage ? 2 : 1
}
