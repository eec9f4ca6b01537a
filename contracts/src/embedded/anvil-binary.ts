import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { OrlopError } from '@orlop/protocol/errors'

/** Names in anvil's platform packages, by Node's names. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/**
 * Where the anvil program lies: inside the package for this platform, so that no install script is needed.
 *
 * @throws OrlopError `CONFIG_INVALID` where there is none for this platform, or it was not installed.
 */
export function anvilBinary(platform = process.platform, arch = process.arch): string {
  const name = `@foundry-rs/anvil-${platform}-${ARCHITECTURES[arch] ?? arch}`
  try {
    // The platform packages are dependencies of this one, and need not lie beside ours.
    const anvil = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json')
    const found = createRequire(anvil).resolve(`${name}/package.json`)
    return join(dirname(found), 'bin', platform === 'win32' ? 'anvil.exe' : 'anvil')
  } catch (cause) {
    throw new OrlopError(
      'CONFIG_INVALID',
      `The embedded ledger has no program for ${platform} ${arch} (package ${name}). Install the optional packages too, or give the URL of another ledger.`,
      { cause },
    )
  }
}
