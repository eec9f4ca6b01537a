import { registryKey, useRegistryColumns } from '../columns/registry-columns.tsx'
import { useText } from '../i18n/text.tsx'
import { ListTable } from './list-table.tsx'
import { Panel } from './page.tsx'
import { Empty } from './states.tsx'

const COLUMNS = ['time', 'event', 'details', 'transaction'] as const

/** What became of a node or a ship in the registry. */
export function RegistryHistory({ of, id }: { of: 'node' | 'ship'; id: number }) {
  const { t } = useText()
  const columns = useRegistryColumns(COLUMNS)
  const shared = {
    caption: t('history.caption'),
    columns,
    keyOf: registryKey,
    empty: <Empty>{t('history.empty')}</Empty>,
    fileName: `orlop-${of}-${id}-history`,
  }
  const lead = t(of === 'node' ? 'history.leadNode' : 'history.leadShip')
  return (
    <Panel title={t('history.title')} lead={lead}>
      {of === 'node' ? (
        <ListTable route="nodeHistory" question={{ params: { nodeId: id } }} {...shared} />
      ) : (
        <ListTable route="clientHistory" question={{ params: { clientId: id } }} {...shared} />
      )}
    </Panel>
  )
}
