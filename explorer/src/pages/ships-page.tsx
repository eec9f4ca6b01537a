import { useWholeList } from '../api/use-answer.ts'
import { useShipColumns } from '../columns/ship-columns.tsx'
import { useText } from '../i18n/text.tsx'
import { MemberTable } from '../ui/member-table.tsx'
import { PageHead } from '../ui/page.tsx'

const STATES = ['admitted', 'pending', 'suspended'] as const

/** Every ship and shore office of the registry. */
export function ShipsPage() {
  const { t } = useText()
  const ships = useWholeList('clients')
  const columns = useShipColumns()
  return (
    <>
      <PageHead title={t('ships.title')} lead={t('ships.lead')} />
      <MemberTable
        members={ships}
        columns={columns}
        caption={t('ships.caption')}
        keyOf={({ clientId }) => String(clientId)}
        textOf={({ name, imoNumber, clientId }) => `${name} ${imoNumber ?? ''} ${clientId}`}
        states={STATES}
        texts={{
          filter: t('ships.filterText'),
          empty: t('ships.empty'),
          emptyFilter: t('ships.emptyFilter'),
        }}
        fileName="orlop-ships"
      />
    </>
  )
}
