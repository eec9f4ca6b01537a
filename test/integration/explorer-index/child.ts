import { ExplorerIndex } from '@orlop/gateway/index/explorer-index'
import { LedgerFollower } from '@orlop/gateway/index/ledger-follower'
import { RecordedLedger } from '@orlop/scripts/bench/explorer/recorded-ledger'

/** Follows a recorded log in little steps and says with a dot each time that a slice was read; killed somewhere on the way. */
const [log = '', file = ''] = process.argv.slice(2)
const ledger = new RecordedLedger(log)
const receipts = ledger.receipts.bind(ledger)
let read = 0
ledger.receipts = async function* (filter) {
  for await (const receipt of receipts(filter)) {
    if (++read % 10 === 0) process.stdout.write('.')
    yield receipt
  }
}
const index = new ExplorerIndex({ path: file, deployment: ledger.deployment })
await new LedgerFollower({ ledger, index, stepBlocks: 6, sliceLogs: 20 }).catchUp()
index.close()
