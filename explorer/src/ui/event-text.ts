import type { ApiObjectEvent } from '@orlop/protocol/api/objects'
import { EVERY_STRIP } from '@orlop/protocol/limits'
import { formatTime } from '../format/format-time.ts'
import { useText } from '../i18n/text.tsx'

/** Says in words what happened to an object after its receipts. */
export function useEventText(): (event: ApiObjectEvent) => { title: string; text: string } {
  const { t } = useText()
  const stripName = (index: number) =>
    index === EVERY_STRIP ? t('object.everyStrip') : `${t('common.strip')} ${index + 1}`
  return (event) => {
    const title = t(`object.${event.kind}`)
    switch (event.kind) {
      case 'extended': {
        const until = formatTime(event.expirySeconds * 1000)?.slice(0, 10) ?? t('common.none')
        return { title, text: `${stripName(event.index)}: ${t('object.extendedText', { until })}` }
      }
      case 'removed':
        return { title, text: `${stripName(event.index)}: ${t('object.removedText')}` }
      case 'moved': {
        const { fromNodeId, toNodeId } = event
        const [from, to] = [fromNodeId, toNodeId].map((nodeId) => `${t('common.node')} ${nodeId}`)
        return {
          title,
          text: t('object.movedText', { index: event.index + 1, from: from ?? '', to: to ?? '' }),
        }
      }
      case 'envelope':
        return { title, text: t('object.envelopeText', { version: event.version }) }
    }
  }
}
