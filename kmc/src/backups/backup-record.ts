import * as z from 'zod'

/** What the centre knows of a backup. */
export const backupRecordSchema = z.strictObject({
  state: z.enum(['making', 'whole']),
  generation: z.int().min(1),
})

/** Records of all backups stand under this place. */
export const BACKUP_PLACES = 'backup/'

export const backupPlace = (backupId: string) => BACKUP_PLACES + backupId
