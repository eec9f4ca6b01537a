import { Link } from 'react-router'

export interface Bar {
  key: string
  label: string
  value: number
  text: string
  /** Where more of it is. */
  to?: string
}

/** Amounts side by side, the largest filling the width. */
export function Bars({ bars }: { bars: readonly Bar[] }) {
  const most = Math.max(1, ...bars.map(({ value }) => value))
  return (
    <ul className="bars">
      {bars.map(({ key, label, value, text, to }) => (
        <li className="bar" key={key}>
          <span>{to === undefined ? label : <Link to={to}>{label}</Link>}</span>
          <span className="quiet">{text}</span>
          <i aria-hidden="true">
            <i style={{ width: `${(value / most) * 100}%` }} />
          </i>
        </li>
      ))}
    </ul>
  )
}
