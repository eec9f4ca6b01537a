import { useEffect, type ReactNode } from 'react'
import { Link } from 'react-router'
import { useText } from '../i18n/text.tsx'

interface PageHeadProps {
  title: string
  /** Of the browser's window, where many pages have one heading. */
  windowTitle?: string
  lead?: ReactNode
  eyebrow?: ReactNode
  action?: ReactNode
}

/** The head of a page; also the title of the browser's window. */
export function PageHead({ title, windowTitle = title, lead, eyebrow, action }: PageHeadProps) {
  const { t } = useText()
  const name = t('app.name')
  useEffect(() => {
    document.title = `${windowTitle} · ${name}`
  }, [windowTitle, name])
  return (
    <header className="page-head">
      {eyebrow !== undefined && <div className="eyebrow">{eyebrow}</div>}
      <div className="head-row">
        <h1>
          {/* Names come from strangers, in any direction of writing. */}
          <bdi>{title}</bdi>
        </h1>
        {action}
      </div>
      {lead !== undefined && <p>{lead}</p>}
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
  /** Where more of it is. */
  to?: string
}

/** Large numbers side by side. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className="figures">
      {figures.map(({ label, value, hint, to }) => (
        <div className="figure" key={label}>
          <dt>{to === undefined ? label : <Link to={to}>{label}</Link>}</dt>
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
