import { useText } from '../i18n/text.tsx'

export type Tone = 'good' | 'warn' | 'bad' | 'off'

const TONES = {
  pending: 'warn',
  admitted: 'good',
  draining: 'warn',
  retired: 'off',
  suspended: 'bad',
  live: 'good',
  moved: 'off',
  removed: 'off',
  expired: 'warn',
} as const satisfies Record<string, Tone>

export type State = keyof typeof TONES

/** How good a state is to its reader. */
export function toneOf(state: State): Tone {
  return TONES[state]
}

/** A state in words, with a mark whose form tells it without colours. */
export function Badge({ state }: { state: State }) {
  const { t } = useText()
  return (
    <span className="badge" data-tone={toneOf(state)}>
      {t(`state.${state}`)}
    </span>
  )
}
