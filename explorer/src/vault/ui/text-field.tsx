import { useId, type ComponentProps } from 'react'

interface TextFieldProps {
  label: string
  value: string
  onChange: (value: string) => void
  hint?: string | undefined
  error?: string | undefined
  /** What else the input is told. */
  input?: Omit<ComponentProps<'input'>, 'id' | 'value' | 'onChange'>
}

/** One line of text under its name, with what to write there or what is wrong with it. */
export function TextField({ label, value, onChange, hint, error, input }: TextFieldProps) {
  const id = useId()
  const note = error ?? hint
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        type="text"
        autoComplete="off"
        spellCheck={false}
        {...input}
        id={id}
        value={value}
        aria-invalid={error !== undefined}
        {...(note === undefined ? {} : { 'aria-describedby': `${id}-note` })}
        onChange={({ target }) => onChange(target.value)}
      />
      {note !== undefined && (
        <small id={`${id}-note`} data-bad={error !== undefined}>
          {note}
        </small>
      )}
    </div>
  )
}
