import { Link } from 'react-router'
import { useText } from '../i18n/text.tsx'
import { PageHead } from '../ui/page.tsx'

export function NotFoundPage() {
  const { t } = useText()
  return (
    <>
      <PageHead title={t('notFound.title')} lead={t('notFound.text')} />
      <div className="ways">
        <Link className="button" to="/">
          {t('notFound.back')}
        </Link>
      </div>
    </>
  )
}
