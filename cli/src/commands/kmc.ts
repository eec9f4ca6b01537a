import type { Commands } from '../commands.ts'
import { exampleText } from '../help.ts'
import { addApplications } from './kmc/applications.ts'
import { addAudit } from './kmc/audit.ts'
import { addBackups } from './kmc/backups.ts'
import { addCertificates } from './kmc/certificates.ts'
import { addCustody } from './kmc/custody.ts'
import { addJoining } from './kmc/joining.ts'
import { addKeys } from './kmc/keys.ts'
import { addRunning } from './kmc/running.ts'

/** `kmc …`: the key management centre. */
export function addKmc(commands: Commands): void {
  const kmc = commands.program
    .command('kmc')
    .summary('the key management centre: keys of applications, held by custodians')
    .description('the key management centre: keys of applications, held by custodians')
    .addHelpText('after', exampleText('orlop kmc up\norlop kmc app create voyage'))
  const parts = [
    addRunning,
    addCustody,
    addApplications,
    addKeys,
    addJoining,
    addCertificates,
    addBackups,
    addAudit,
  ]
  for (const add of parts) add(kmc, commands)
}
