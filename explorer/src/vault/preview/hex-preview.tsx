import { usePreviewText } from './i18n/preview-text.ts'
import { hexLines } from './hex-lines.ts'
import type { KindProps } from './kind-props.ts'

/** The first bytes of what has no other preview. */
export function HexPreview({ name, reading, mediaType }: KindProps & { mediaType: string }) {
  const { t } = usePreviewText()
  const lines = hexLines(reading.head)
  return (
    <>
      <p className="quiet">{t('preview.other', { type: mediaType })}</p>
      <div
        className="preview-hex"
        tabIndex={0}
        role="region"
        aria-label={t('preview.hexLabel', { name })}
      >
        <table>
          <tbody>
            {lines.map(({ offset, hex, text }) => (
              <tr key={offset}>
                <th scope="row">{offset}</th>
                <td>{hex}</td>
                <td className="quiet">{text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
