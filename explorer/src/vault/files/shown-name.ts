import { revealControls } from '../preview/reveal-controls.ts'

/** A file's name as it is shown: nothing in it hides or turns the direction of writing, so that no `.exe` poses as a `.pdf`. */
export function shownName(name: string): string {
  return revealControls(name).text
}
