import { TemporaryFolders } from '../testkit/temporary-folder.ts'
import { SpoolFolder } from '../upload/spool-file.ts'
import { spoolConformance } from '../upload/spool.conformance.ts'
import { homeDatabaseConformance } from './home-database.conformance.ts'
import { openDatabase } from './open-database.ts'

const folders = new TemporaryFolders()

after(() => folders.removeAll())

homeDatabaseConformance('LevelDB', async () => {
  const folder = await folders.make()
  return { database: await openDatabase(folder), reopen: () => openDatabase(folder) }
})

spoolConformance('files', async () => SpoolFolder.open(await folders.make()))
