import { Command } from 'commander'
import { writeRecordedLog } from './write-recorded-log.ts'

const command = new Command('record-log')
  .description(
    'Writes a fleet’s year on the ledger as a recorded log, for measuring the explorer’s index without a chain.',
  )
  .argument('<file>', 'where to write; about 250 bytes a receipt')
  .option('--receipts <count>', 'how many', '1000000')
  .option('--seed <number>', 'the same seed writes the same bytes', '1')
  .parse()

const { receipts, seed } = command.opts<{ receipts: string; seed: string }>()
const [path = ''] = command.args
await writeRecordedLog({ path, receipts: Number(receipts), seed: Number(seed) })
