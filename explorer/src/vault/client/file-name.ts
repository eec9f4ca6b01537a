const MAX_CHARACTERS = 120
/** What some file system does not take, what names of paths are made of, and what turns the direction of text. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}<>:"/\\|?*]+/gu

/**
 * A name for a download: an object's name may be a path, and may hold anything.
 *
 * @returns the last part of it, fit for any file system, never empty.
 */
export function fileName(name: string): string {
  const base = name.split(/[/\\]/).findLast((part) => part !== '') ?? ''
  const fit = base.replaceAll(UNFIT, '_').replace(/^[. ]+|[. ]+$/g, '')
  const characters = Array.from(fit)
  if (characters.length <= MAX_CHARACTERS) return fit === '' ? 'object' : fit
  const ending = /\.[^.]{1,12}$/u.exec(fit)?.[0] ?? ''
  return characters.slice(0, MAX_CHARACTERS - ending.length).join('') + ending
}
