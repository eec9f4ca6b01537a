import { Link } from 'react-router'
import { shorten } from '../format/shorten.ts'
import { useText } from '../i18n/text.tsx'
import { Copyable } from './copyable.tsx'

/** A node by the name it gave itself. */
export function NodeLink({ nodeId, name }: { nodeId: number; name: string }) {
  const { t } = useText()
  return <Link to={`/nodes/${nodeId}`}>{name === '' ? `${t('common.node')} ${nodeId}` : name}</Link>
}

/** A ship or shore office by the name it was registered with. */
export function ShipLink({ clientId, name }: { clientId: number; name: string }) {
  const { t } = useText()
  return (
    <Link to={`/ships/${clientId}`}>{name === '' ? `${t('common.ship')} ${clientId}` : name}</Link>
  )
}

/** An object by both ends of its random name. */
export function ObjectLink({ clientId, objectId }: { clientId: number; objectId: string }) {
  return (
    <Link className="mono nowrap" to={`/objects/${clientId}/${objectId}`} title={objectId}>
      {shorten(objectId)}
    </Link>
  )
}

/** A transaction by both ends of its hash. */
export function TransactionLink({ hash }: { hash: string }) {
  return (
    <Link className="mono nowrap" to={`/transactions/${hash}`} title={hash}>
      {shorten(hash)}
    </Link>
  )
}

/** A hash, root or account, shortened, with the whole to copy. */
export function Hash({
  value,
  label,
  isWhole = false,
}: {
  value: string
  label: string
  isWhole?: boolean
}) {
  return (
    <Copyable value={value} label={label}>
      <span className={isWhole ? 'mono' : 'mono nowrap'} title={value}>
        {isWhole ? value : shorten(value)}
      </span>
    </Copyable>
  )
}
