import type { OrlopContracts } from '../orlop-contracts.ts'
import { numberTopic } from './filter-topics.ts'
import type { LogScanner, ScanOptions } from './log-scanner.ts'

/** The signers that clients had before their keys were replaced, from their logs. */
export class SignerLogReader {
  readonly #contracts: OrlopContracts
  readonly #scanner: LogScanner

  constructor(parts: { contracts: OrlopContracts; scanner: LogScanner }) {
    this.#contracts = parts.contracts
    this.#scanner = parts.scanner
  }

  /** @returns EIP-55 addresses, the oldest first. */
  async former(
    clientId: number,
    blocks: { readonly fromBlock: number; readonly toBlock: number },
    options: ScanOptions,
  ): Promise<string[]> {
    const { registry } = this.#contracts
    const topics = [registry.topicOf('SignerRotated'), numberTopic(clientId)]
    const signers: string[] = []
    for await (const page of this.#scanner.pages(
      { address: registry.address, topics, ...blocks },
      options,
    )) {
      for (const log of page) {
        const event = registry.decodeLog(log)
        if (event?.name === 'SignerRotated') signers.push(event.args.oldSigner)
      }
    }
    return signers
  }
}
