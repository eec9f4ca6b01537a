import { formatOpeningKey, OrlopError, type Recovery } from '@orlop/client-sdk/index'
import type { CliContext } from '../context.ts'
import { describe } from '../define-command.ts'
import { withClient } from '../open-client.ts'
import { formatTable, printResult } from '../output.ts'
import type { Commands } from '../commands.ts'

/** `whoami`, `recover`. */
export function addIdentity({ program, action }: Commands): void {
  describe(program.command('whoami'), {
    summary: 'this client: its number, and the opening key others pin when they share with it',
    example: 'orlop whoami',
  }).action(action(whoami))
  describe(program.command('recover'), {
    summary: 'rebuild the list of your objects from your keys and the ledger alone',
    example: 'orlop recover\norlop recover --home /restored --json',
  }).action(action(recover))
}

async function whoami(context: CliContext): Promise<void> {
  const self = await withClient(context, async (client) => {
    await client.refresh({ signal: context.signal })
    const { record, openingKey } = client
    return {
      clientId: record?.clientId ?? null,
      name: record?.name ?? null,
      imoNumber: record?.imoNumber ?? null,
      state: record?.state ?? 'unregistered',
      signer: record?.signer ?? null,
      openingKey: formatOpeningKey(openingKey),
    }
  })
  printResult(context, self, () => {
    if (self.clientId === null) {
      return `The ledger does not know these keys: register with 'orlop init'. If they were replaced from elsewhere, use that keyring.\nOpening key ${self.openingKey}`
    }
    return formatTable(
      ['CLIENT', 'NAME', 'STATE', 'SHARE WITH IT AS'],
      [
        [
          String(self.clientId),
          self.name ?? '',
          self.state,
          `${String(self.clientId)}=${self.openingKey}`,
        ],
      ],
    )
  })
}

async function recover(context: CliContext): Promise<void> {
  const found = await withClient(context, (client) => client.recover({ signal: context.signal }))
  if (found.failures.length > 0) throw incomplete(found)
  printResult(
    context,
    found,
    () => `Recovered all ${found.objects} objects on the ledger. List them with: orlop ls`,
  )
}

/** What could be recovered is in the catalogue all the same. */
function incomplete({ objects, recovered, failures }: Recovery): OrlopError {
  const [first] = failures
  const lines = failures.map(({ objectId, reason }) =>
    reason.includes(objectId) ? `  ${reason}` : `  ${objectId}: ${reason}`,
  )
  return new OrlopError(
    first?.code ?? 'INTERNAL',
    `Recovered ${recovered} of ${objects} objects; 'orlop ls' lists them. Not recovered:\n${lines.join('\n')}`,
    { details: { objects, recovered } },
  )
}
