import type { Commands } from '../commands.ts'
import { describeGroup } from '../define-command.ts'
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
  const kmc = describeGroup(commands.program.command('kmc'), {
    summary: 'the key management centre: keys of applications, held by custodians',
    example: 'orlop kmc up\norlop kmc app create voyage',
  })
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
