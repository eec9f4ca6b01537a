import type { ApiProfile, ApiRegistryEvent } from '@orlop/protocol/api/history'
import { shorten } from '../format/shorten.ts'
import { useText, type Translate } from '../i18n/text.tsx'
import { useFormat, type Format } from './use-format.ts'

const IMPORTANCE = [
  'ship.importanceAny',
  'ship.importanceCritical',
  'ship.importanceImportant',
  'ship.importanceRoutine',
] as const
const PROFILE_FIELDS = ['name', 'peerId', 'addresses', 'region', 'capacityBytes'] as const

/** Says in words what became of a node, a ship or a role. */
export function useRegistryText(): (event: ApiRegistryEvent) => { title: string; text: string } {
  const { t } = useText()
  const format = useFormat()
  return (event) => ({ title: titleOf(event, t), text: textOf(event, { t, format }) })
}

function titleOf(event: ApiRegistryEvent, t: Translate): string {
  return event.kind === 'nodeStateChanged' || event.kind === 'clientStateChanged'
    ? t(`history.to_${event.to}`)
    : t(`history.${event.kind}`)
}

interface Words {
  t: Translate
  format: Format
}

function textOf(event: ApiRegistryEvent, words: Words): string {
  const { t, format } = words
  switch (event.kind) {
    case 'nodeRegistered': {
      const { name, capacityBytes } = event.profile
      const capacity = format.bytes(capacityBytes)
      return t('history.nodeSaid', { name, tier: t(`tier.${event.tier}`), capacity })
    }
    case 'nodeUpdated':
      return changesOf(event.before, event.profile, words)
    case 'nodeStateChanged':
      return event.reason
    case 'nodeTierChanged': {
      const [from, to] = [t(`tier.${event.from}`), t(`tier.${event.to}`)]
      return sentences(t('history.fromTo', { from, to }), event.reason)
    }
    case 'heartbeat':
      return t('history.free', { free: format.bytes(event.freeBytes) })
    case 'masterChanged': {
      const named = (nodeId: number | null) =>
        nodeId === null ? t('common.none') : `${t('common.node')} ${nodeId}`
      const [from, to] = [named(event.fromNodeId), named(event.toNodeId)]
      return t('history.fromTo', { from, to })
    }
    case 'clientRegistered':
      return t('history.clientSaid', { name: event.name, signer: shorten(event.signer) })
    case 'clientStateChanged': {
      const { minimumImportance, reason } = event
      const what = t(IMPORTANCE[minimumImportance] ?? IMPORTANCE[0])
      return sentences(reason, minimumImportance === 0 ? '' : t('history.takesPart', { what }))
    }
    case 'signerRotated': {
      const [from, to] = [shorten(event.oldSigner), shorten(event.newSigner)]
      return t('history.fromTo', { from, to })
    }
    case 'roleGranted':
    case 'roleRevoked': {
      const role = t(`history.role_${event.role}`)
      return t('history.role', { role, account: shorten(event.account) })
    }
  }
}

/** What a node says otherwise than before; all that it says where nothing before is known. */
function changesOf(before: ApiProfile | null, now: ApiProfile, { t, format }: Words): string {
  const shown = (profile: ApiProfile | null, field: (typeof PROFILE_FIELDS)[number]) => {
    const value = profile?.[field] ?? ''
    if (typeof value === 'number') return format.bytes(value)
    const text = typeof value === 'string' ? value : value.join(', ')
    return text === '' ? t('common.none') : text
  }
  const changes = PROFILE_FIELDS.filter((field) => shown(before, field) !== shown(now, field))
  if (changes.length === 0) return t('history.changedNothing')
  return changes
    .map((field) =>
      t('history.changed', {
        what: t(`history.${field}`),
        from: shown(before, field),
        to: shown(now, field),
      }),
    )
    .join('; ')
}

function sentences(...texts: string[]): string {
  return texts.filter((text) => text !== '').join(' · ')
}
