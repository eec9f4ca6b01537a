import type { Commands } from '../commands.ts'
import { exampleText } from '../help.ts'
import { addApplications } from './kmc/applications.ts'
import { addAudit } from './kmc/audit.ts'
import { addBackups } from './kmc/backups.ts'
import { addCustody } from './kmc/custody.ts'
import { addKeys } from './kmc/keys.ts'
import { addRunning } from './kmc/running.ts'

/** `kmc …`: the key management centre. */
export function addKmc(commands: Commands): void {
  const kmc = commands.program
    .command('kmc')
    .summary('the key management centre: keys of applications, held by custodians')
    .description('the key management centre: keys of applications, held by custodians')
    .addHelpText('after', exampleText('orlop kmc up\norlop kmc app create voyage'))
  for (const add of [addRunning, addCustody, addApplications, addKeys, addBackups, addAudit]) {
    add(kmc, commands)
  }
}
