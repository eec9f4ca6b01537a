import { Link } from 'react-router'
import { shorten } from '../format/shorten.ts'
import { useText } from '../i18n/text.tsx'
import { CopyButton, Copyable } from './copyable.tsx'

/** A link by a name that a stranger gave: of any length, in any direction of writing. */
function NamedLink({ to, name }: { to: string; name: string }) {
  return (
    <Link className="name" dir="auto" to={to} title={name}>
      {name}
    </Link>
  )
}

/** A node by the name it gave itself. */
export function NodeLink({ nodeId, name }: { nodeId: number; name: string }) {
  const { t } = useText()
  const shown = name === '' ? `${t('common.node')} ${nodeId}` : name
  return <NamedLink to={`/nodes/${nodeId}`} name={shown} />
}

/** A ship or shore office by the name it was registered with. */
export function ShipLink({ clientId, name }: { clientId: number; name: string }) {
  const { t } = useText()
  const shown = name === '' ? `${t('common.ship')} ${clientId}` : name
  return <NamedLink to={`/ships/${clientId}`} name={shown} />
}

/** A random id by both its ends, with the whole to copy. */
function IdLink({ to, id, label }: { to: string; id: string; label: string }) {
  return (
    <span className="id-link">
      <Link className="mono" to={to} title={id} data-whole={id}>
        {shorten(id)}
      </Link>
      <CopyButton value={id} label={label} isPointerOnly />
    </span>
  )
}

/** An object by both ends of its random name. */
export function ObjectLink({ clientId, objectId }: { clientId: number; objectId: string }) {
  const { t } = useText()
  return <IdLink to={`/objects/${clientId}/${objectId}`} id={objectId} label={t('common.object')} />
}

/** A transaction by both ends of its hash. */
export function TransactionLink({ hash }: { hash: string }) {
  const { t } = useText()
  return <IdLink to={`/transactions/${hash}`} id={hash} label={t('common.transaction')} />
}

interface HashProps {
  value: string
  label: string
  isWhole?: boolean
}

/** A hash, root or account, shortened, with the whole to copy. */
export function Hash({ value, label, isWhole = false }: HashProps) {
  return (
    <Copyable value={value} label={label}>
      {isWhole ? (
        <span className="mono">{value}</span>
      ) : (
        <span className="mono nowrap" title={value} data-whole={value}>
          {shorten(value)}
        </span>
      )}
    </Copyable>
  )
}
