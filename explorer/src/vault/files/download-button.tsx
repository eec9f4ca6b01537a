import { formatObjectId, type CatalogueEntry } from '@orlop/client-sdk/browser'
import { useState } from 'react'
import { useFormat } from '../../ui/use-format.ts'
import { useVaultText } from '../i18n/vault-text.ts'
import { useSession, useVault } from '../session/session-context.tsx'
import { Problem } from '../ui/problem.tsx'
import { useAction } from '../ui/use-action.ts'
import { shownName } from './shown-name.ts'
import { useFileRequest } from './use-file.ts'

/** Fetches, opens and checks a file, and gives it to the browser to save. */
export function DownloadButton({ entry }: { entry: CatalogueEntry }) {
  const { t } = useVaultText()
  const { bytes } = useFormat()
  const { services, session } = useSession()
  const { client } = useVault()
  const { name, ownerId, plainBytes } = entry
  const request = useFileRequest({ ownerId, objectId: formatObjectId(entry.objectId) })
  const [doneBytes, setDoneBytes] = useState(0)
  const download = useAction<boolean>()
  const begin = () => {
    setDoneBytes(0)
    download.run((signal) =>
      services.saver.save({
        name,
        sizeBytes: plainBytes,
        stream: () => counted(fetched(signal), setDoneBytes),
      }),
    )
  }
  async function* fetched(signal: AbortSignal) {
    // Held from here on: who is still being asked where to save it may have gone away.
    const over = session.hold()
    try {
      const { stream } = await client.retrieve(request, { signal })
      yield* stream
    } finally {
      over()
    }
  }
  if (download.state.status === 'running') {
    const done = bytes(doneBytes)
    return (
      <span className="download">
        <progress
          value={doneBytes}
          max={Math.max(1, plainBytes)}
          aria-label={t('file.downloadProgress', { name: shownName(name) })}
        />
        <span>{t('file.downloading', { done, total: bytes(plainBytes) })}</span>
        <button type="button" className="button" onClick={download.stop}>
          {t('file.downloadStop')}
        </button>
      </span>
    )
  }
  return (
    <span className="download">
      <button type="button" className="button main" onClick={begin}>
        {t('file.download')}
      </button>
      {download.state.status === 'done' && download.state.value && (
        <span role="status">{t('file.downloaded')}</span>
      )}
      {download.state.status === 'failed' && <Problem error={download.state.error} />}
    </span>
  )
}

/** More often would be drawn for nobody. */
const STEP_BYTES = 256 * 1024

async function* counted(
  stream: AsyncIterable<Uint8Array>,
  tell: (doneBytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let doneBytes = 0
  let toldBytes = 0
  for await (const piece of stream) {
    yield piece
    doneBytes += piece.length
    if (doneBytes - toldBytes < STEP_BYTES) continue
    toldBytes = doneBytes
    tell(doneBytes)
  }
}
