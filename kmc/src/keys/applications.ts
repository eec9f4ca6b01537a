import { appendAudit } from '../audit/audit-log.ts'
import type { Centre } from '../centre.ts'
import { KmcError } from '../kmc-error.ts'
import type { RowDraft } from '../rows/row-draft.ts'
import { policyChange } from './policy-change.ts'
import {
  type Application,
  applicationPlace,
  checkName,
  decodeApplication,
  getApplication,
  type Policy,
  policySchema,
  putRecord,
  type RowReader,
} from './records.ts'

/** The applications of a centre: keys follow the application, not the device. */
export class Applications {
  readonly #centre: Centre

  constructor(centre: Centre) {
    this.#centre = centre
  }

  /**
   * Adds an application.
   *
   * @throws KmcError `ALREADY_EXISTS`; ZodError when the policy is not as documented.
   */
  async create(actor: string, appId: string, policy: Policy): Promise<Application> {
    checkName('appId', appId)
    const createdAtMs = this.#centre.clock.nowMs()
    const application = { appId, state: 'active', keyCount: 0, createdAtMs } as const
    const created = { ...application, policy: policySchema.parse(policy) }
    await this.#centre.rows.update(async (draft) => {
      if ((await draft.get(applicationPlace(appId))) !== null) {
        throw new KmcError('ALREADY_EXISTS', `There is an application '${appId}' already.`)
      }
      await this.#record(draft, { actor, act: 'app.create', before: null }, created)
    })
    return created
  }

  /** Replaces the policy; it holds for the next request. @throws KmcError `NOT_FOUND`, `APP_REVOKED` */
  async setPolicy(actor: string, appId: string, policy: Policy): Promise<Application> {
    const checked = policySchema.parse(policy)
    return this.#centre.rows.update(async (draft) => {
      const application = await getActiveApplication(draft, appId)
      const act = { actor, act: 'app.policy', before: application.policy }
      return this.#record(draft, act, { ...application, policy: checked })
    })
  }

  /** Stops every release of the application's keys at once and for good. @throws KmcError `NOT_FOUND`, `APP_REVOKED` */
  async revoke(actor: string, appId: string): Promise<Application> {
    return this.#centre.rows.update(async (draft) => {
      const application = await getActiveApplication(draft, appId)
      const act = { actor, act: 'app.revoke', before: application.policy }
      return this.#record(draft, act, { ...application, state: 'revoked' })
    })
  }

  /** The application, or null. */
  async get(appId: string): Promise<Application | null> {
    const bytes = await this.#centre.rows.get(applicationPlace(checkName('appId', appId)))
    return bytes === null ? null : decodeApplication(bytes)
  }

  /** Applications by name. @param page - `limit` 1 to 50; `after` is the last name of the page before. */
  async list(page: { after?: string; limit: number }): Promise<Application[]> {
    const { after, limit } = page
    const prefix = applicationPlace('')
    const rows = await this.#centre.rows.list(prefix, {
      limit,
      ...(after === undefined ? {} : { after: applicationPlace(after) }),
    })
    return rows.map(({ value }) => decodeApplication(value))
  }

  async #record(
    draft: RowDraft,
    { actor, act, before }: { actor: string; act: string; before: Policy | null },
    application: Application,
  ): Promise<Application> {
    putRecord(draft, applicationPlace(application.appId), application)
    const { appId, policy } = application
    const details = { appId, ...policyChange(before, policy) }
    await appendAudit(draft, { timeMs: this.#centre.clock.nowMs(), actor, act, details })
    return application
  }
}

/** @throws KmcError `NOT_FOUND`, `APP_REVOKED` */
export async function getActiveApplication(rows: RowReader, appId: string): Promise<Application> {
  const application = await getApplication(rows, appId)
  if (application.state === 'active') return application
  throw new KmcError(
    'APP_REVOKED',
    `The application '${appId}' was revoked. Create another one for new work.`,
    { details: { appId } },
  )
}
