import { useWholeList } from '../api/use-answer.ts'
import { useNodeColumns } from '../columns/node-columns.tsx'
import { useText } from '../i18n/text.tsx'
import { MemberTable } from '../ui/member-table.tsx'
import { PageHead } from '../ui/page.tsx'

const STATES = ['admitted', 'draining', 'pending', 'retired'] as const

/** Every node of the registry. */
export function NodesPage() {
  const { t } = useText()
  const nodes = useWholeList('nodes')
  const columns = useNodeColumns()
  return (
    <>
      <PageHead title={t('nodes.title')} lead={t('nodes.lead')} />
      <MemberTable
        members={nodes}
        columns={columns}
        caption={t('nodes.caption')}
        keyOf={({ nodeId }) => String(nodeId)}
        textOf={({ name, region, nodeId }) => `${name} ${region} ${nodeId}`}
        states={STATES}
        texts={{
          filter: t('nodes.filterText'),
          empty: t('nodes.empty'),
          emptyFilter: t('nodes.emptyFilter'),
        }}
        fileName="orlop-nodes"
      />
    </>
  )
}
