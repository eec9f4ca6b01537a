import { OrlopError } from '@orlop/protocol/errors'
import type { CliContext } from '../context.ts'
import { describe } from '../define-command.ts'
import { withClient } from '../open-client.ts'
import { formatTable, printResult } from '../output.ts'
import type { Commands } from '../commands.ts'

/** `verify`, `status`. */
export function addVerify({ program, action }: Commands): void {
  describe(program.command('verify <object>'), {
    summary: 'fetch every copy from its node and check it against the ledger, byte for byte',
    example: 'orlop verify orlop:abc…',
  }).action(action(verify))
  describe(program.command('status <object>'), {
    summary: 'how far an object has come: sending, stored, recorded, final; what each node says',
    example: 'orlop status orlop:abc…',
  }).action(action(status))
}

async function verify(context: CliContext, objectId: string): Promise<void> {
  const found = await withClient(context, (client) =>
    client.verify({ objectId }, { signal: context.signal }),
  )
  const sound = found.strips.filter(({ result }) => result === 'sound').length
  if (!found.isSound) {
    const bad = found.strips.filter(({ result }) => result !== 'sound')
    throw new OrlopError(
      'STRIP_DAMAGED',
      `Of ${found.strips.length} copies of ${found.objectId}, ${sound} are sound: ${bad.map(({ nodeName, reason }) => `${nodeName}: ${reason ?? ''}`).join('; ')}. A sound copy still opens with 'orlop get'.`,
      { details: { copies: found.strips.length, sound } },
    )
  }
  printResult(context, found, () => {
    const rows = found.strips.map(({ nodeName, result, txHash }) => [
      nodeName,
      result,
      txHash ?? 'not recorded yet',
    ])
    const opened = found.isOpened ? 'opened and compared' : 'compared sealed: no key here opens it'
    return `${found.objectId}: ${sound} of ${found.strips.length} copies sound, ${opened}\n${formatTable(['NODE', 'COPY', 'TRANSACTION'], rows)}`
  })
}

async function status(context: CliContext, objectId: string): Promise<void> {
  const report = await withClient(context, (client) =>
    client.status({ objectId }, { signal: context.signal }),
  )
  printResult(context, report, () => {
    const rows = report.strips.map(({ nodeName, nodeState, txHash }) => [
      nodeName,
      nodeState ?? 'no answer, or not there',
      txHash ?? 'not recorded yet',
    ])
    const upload = report.upload === null ? '' : `, ${report.upload.durableBytes} bytes at the node`
    const head = `${report.objectId}: ${report.state}${upload}  ${report.name}`
    return rows.length === 0
      ? head
      : `${head}\n${formatTable(['NODE', 'STATE', 'TRANSACTION'], rows)}`
  })
}
