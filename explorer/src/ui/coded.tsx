import { Fragment } from 'react'

/** A text of the catalogue in which `commands` stand between grave accents. */
export function Coded({ text }: { text: string }) {
  return text
    .split('`')
    .map((part, place) =>
      place % 2 === 1 ? <code key={place}>{part}</code> : <Fragment key={place}>{part}</Fragment>,
    )
}
