import { EthersLedgerReader, type EthersLedgerOptions } from '@orlop/contracts/ethers-ledger-reader'
import type { LedgerReader } from '@orlop/protocol/ledger'

/**
 * Reads the ledger directly over JSON-RPC. Connects to nothing before it is asked something.
 *
 * @param options - `rpcUrl`: http or https, may hold user and password and is never shown; `deployment`: chain and contracts.
 * @throws OrlopError `CONFIG_INVALID` when the URL is no http(s) URL.
 */
export function openLedger(
  options: Pick<EthersLedgerOptions, 'rpcUrl' | 'deployment'>,
): LedgerReader {
  return new EthersLedgerReader(options)
}
