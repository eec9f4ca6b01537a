import { OrlopError } from '@orlop/protocol/errors'

/**
 * Takes a home for this page alone, among all tabs and workers of its origin (Web Locks API). The browser lets go of it when the page
 * ends, however it ends.
 *
 * @returns what gives it up.
 * @throws OrlopError `HOME_LOCKED` when another page has it; `CONFIG_INVALID` in a page that came without TLS.
 */
export async function lockHome(name: string): Promise<() => Promise<void>> {
  const { locks } = navigator as { readonly locks?: LockManager }
  if (locks === undefined) {
    throw new OrlopError(
      'CONFIG_INVALID',
      'The browser lets only pages that came over https, or from this computer, lock their storage. Serve the page over https.',
    )
  }
  const held = Promise.withResolvers<undefined>()
  const taken = Promise.withResolvers<boolean>()
  const request = locks.request(`orlop/${name}`, { ifAvailable: true }, (lock) => {
    taken.resolve(lock !== null)
    return lock === null ? undefined : held.promise
  })
  request.catch((error: unknown) => taken.reject(error))
  if (await taken.promise) {
    return async () => {
      held.resolve(undefined)
      await request
    }
  }
  throw new OrlopError(
    'HOME_LOCKED',
    `The home '${name}' is in use by another tab or window. Close that one, or use another home.`,
    { details: { name } },
  )
}
