import { OrlopError } from '@orlop/protocol/errors'
import type { Deployment } from '@orlop/protocol/deployment'
import { silentLogger, type Logger } from '@orlop/protocol/logger'
import { renameSync, rmSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { INDEX_APPLICATION_ID, INDEX_VERSION, TABLES, TOTALS } from './index-schema.ts'

/** Where an index that is needed for the life of its process only is kept. */
export const IN_MEMORY = ':memory:'

export interface IndexFileOptions {
  /** A file's path, or {@link IN_MEMORY}. */
  path: string
  deployment: Deployment
  logger?: Logger
}

/** Memory that SQLite may use for pages of the file. */
const CACHE_KIB = 64 * 1024
/** Journal pages (4 KiB) before they go into the file: catching up changes the same pages again and again. */
const JOURNAL_PAGES = 16_384
/** Result codes SQLITE_CORRUPT and SQLITE_NOTADB, https://www.sqlite.org/rescode.html */
const DAMAGE_CODES: readonly number[] = [11, 26]
const SQLITE_BUSY = 5

/**
 * The SQLite file of an index. Everything in it comes from the ledger, so that a file which is damaged, of another version or about another
 * ledger is made anew, and the log says so.
 */
export class IndexFile {
  readonly #options: IndexFileOptions
  readonly #logger: Logger
  readonly #statements = new Map<string, StatementSync>()
  #database: DatabaseSync

  /**
   * Opens the file, or makes it.
   *
   * @throws OrlopError `HOME_LOCKED` when another process has it open.
   */
  constructor(options: IndexFileOptions) {
    this.#options = options
    this.#logger = options.logger ?? silentLogger
    this.#database = this.#open()
  }

  get isOpen(): boolean {
    return this.#database.isOpen
  }

  /** The statement for this text, prepared once. */
  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  /** Runs `work` in one transaction: all of it, or nothing when it throws. */
  transact<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      // A damaged file may have ended the transaction by itself.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  /** Throws away what the file holds and begins with an empty one. */
  rebuild(reason: string): void {
    this.#logger.warn({ path: this.#options.path, reason }, 'rebuilding the index from the ledger')
    this.close()
    removeFile(this.#options.path)
    this.#database = this.#openNew()
  }

  close(): void {
    this.#statements.clear()
    if (this.#database.isOpen) this.#database.close()
  }

  #open(): DatabaseSync {
    const { path, deployment } = this.#options
    const found = openSound(path, deploymentText(deployment))
    if (found.database !== null) return found.database
    this.#logger.warn({ path, reason: found.reason }, 'rebuilding the index from the ledger')
    return this.#openNew()
  }

  #openNew(): DatabaseSync {
    const database = connect(this.#options.path)
    create(database, deploymentText(this.#options.deployment))
    return database
  }
}

type Found = { database: DatabaseSync } | { database: null; reason: string }

/** Opens a file that can be used, or a new one where there is none; a file that cannot is out of the way afterwards. */
function openSound(path: string, deployment: string): Found {
  let database: DatabaseSync | null = null
  try {
    database = connect(path)
    if (pragmaNumber(database, 'schema_version') === 0) create(database, deployment)
    const reason = whyUnusable(database, deployment)
    if (reason === null) return { database }
    const isOurs = pragmaNumber(database, 'application_id') === INDEX_APPLICATION_ID
    database.close()
    if (isOurs) removeFile(path)
    else setAside(path)
    return { database: null, reason }
  } catch (error) {
    if (database?.isOpen === true) database.close()
    if (!isDamage(error)) throw error
    setAside(path)
    return { database: null, reason: 'the file is damaged or no index' }
  }
}

function whyUnusable(database: DatabaseSync, deployment: string): string | null {
  if (pragmaNumber(database, 'application_id') !== INDEX_APPLICATION_ID) {
    return 'the file is not an index'
  }
  const version = pragmaNumber(database, 'user_version')
  if (version !== INDEX_VERSION) return `the file is of version ${version}`
  const check = database.prepare('PRAGMA quick_check(1)').get()
  if (check?.['quick_check'] !== 'ok') return 'the file is damaged'
  const fact = database.prepare("SELECT value FROM facts WHERE name = 'deployment'").get()
  return fact?.['value'] === deployment ? null : 'the file is about another ledger'
}

function connect(path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  try {
    // One process at a time. WAL and NORMAL: a kill or a power failure tears nothing, and what is lost is read again.
    database.exec(
      `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${JOURNAL_PAGES};
       PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
       BEGIN IMMEDIATE; COMMIT`,
    )
    return database
  } catch (error) {
    database.close()
    throw asLocked(error, path)
  }
}

function create(database: DatabaseSync, deployment: string): void {
  database.exec(
    `BEGIN IMMEDIATE; ${TABLES} ${TOTALS}
     PRAGMA application_id = ${INDEX_APPLICATION_ID}; PRAGMA user_version = ${INDEX_VERSION}`,
  )
  database.prepare("INSERT INTO facts VALUES ('deployment', ?)").run(deployment)
  database.exec('COMMIT')
}

function deploymentText(deployment: Deployment): string {
  const { chainId, registry, receipts, credit, fromBlock } = deployment
  const addresses = [registry, receipts, credit].map((address) => address.toLowerCase())
  return JSON.stringify([chainId, ...addresses, fromBlock])
}

/** Whether SQLite says that its file is no (longer) database. */
export function isDamage(error: unknown): boolean {
  return DAMAGE_CODES.includes(resultCode(error))
}

/** SQLite's primary result code; 0 for other errors. */
function resultCode(error: unknown): number {
  if (!(error instanceof Error) || !('errcode' in error)) return 0
  return typeof error.errcode === 'number' ? error.errcode & 0xff : 0
}

function asLocked(error: unknown, path: string): unknown {
  if (resultCode(error) !== SQLITE_BUSY) return error
  return new OrlopError(
    'HOME_LOCKED',
    `The index ${path} is in use by another process. Stop that gateway, or give this one another home folder.`,
    { cause: error },
  )
}

function pragmaNumber(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name])
}

function removeFile(path: string): void {
  if (path === IN_MEMORY) return
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
}

/** What may be somebody else's is kept beside. */
function setAside(path: string): void {
  if (path === IN_MEMORY) return
  renameSync(path, `${path}.set-aside`)
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
}
