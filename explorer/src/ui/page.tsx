import { useEffect, type ReactNode } from 'react'
import { useText } from '../i18n/text.tsx'

/** The head of a page; also the title of the browser's window. */
export function PageHead(props: { title: string; lead?: ReactNode; eyebrow?: ReactNode }) {
  const { t } = useText()
  const name = t('app.name')
  useEffect(() => {
    document.title = `${props.title} · ${name}`
  }, [props.title, name])
  return (
    <header className="page-head">
      {props.eyebrow !== undefined && <div className="eyebrow">{props.eyebrow}</div>}
      <h1>{props.title}</h1>
      {props.lead !== undefined && <p>{props.lead}</p>}
    </header>
  )
}

/** A part of a page under a heading of its own. */
export function Panel(props: {
  title: string
  lead?: ReactNode
  action?: ReactNode
  children: ReactNode
}) {
  return (
    <section className="panel" aria-label={props.title}>
      <div className="panel-head">
        <h2>{props.title}</h2>
        {props.action}
        {props.lead !== undefined && <p>{props.lead}</p>}
      </div>
      {props.children}
    </section>
  )
}

export interface Figure {
  label: string
  value: ReactNode
  hint?: ReactNode
}

/** Large numbers side by side. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className="figures">
      {figures.map(({ label, value, hint }) => (
        <div className="figure" key={label}>
          <dt>{label}</dt>
          <dd className="value">{value}</dd>
          {hint !== undefined && <dd className="hint">{hint}</dd>}
        </div>
      ))}
    </dl>
  )
}

/** Facts with their names. */
export function Facts({ facts }: { facts: readonly { label: string; value: ReactNode }[] }) {
  return (
    <dl className="facts">
      {facts.map(({ label, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
