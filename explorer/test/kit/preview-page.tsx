import { OrlopError } from '@orlop/protocol/errors'
import { createRoot } from 'react-dom/client'
import { HashRouter } from 'react-router'
import { TextProvider } from '../../src/i18n/text.tsx'
import { PageHead, Panel } from '../../src/ui/page.tsx'
import type { PreviewSource } from '../../src/vault/preview/preview-source.ts'
import { Preview } from '../../src/vault/preview/preview.tsx'
import type { PreviewedObject } from './preview-site.ts'
import '../../src/styles/tokens.css'
import '../../src/styles/base.css'
import '../../src/styles/frame.css'
import '../../src/styles/parts.css'
import '../../src/styles/table.css'
import '../../src/styles/charts.css'

/** A page with nothing but a preview of what the test's server has. */
async function showPreview(root: HTMLElement): Promise<void> {
  const answer = await fetch('/object')
  const { name, plainBytes } = (await answer.json()) as PreviewedObject
  const reader: PreviewSource = {
    plainBytes,
    read: ({ start, end }) => ({ stream: readRange(start, end) }),
  }
  createRoot(root).render(
    <TextProvider>
      <HashRouter>
        <main>
          <PageHead title={name} />
          <Panel title="Preview">
            <Preview entry={{ name }} reader={reader} />
          </Panel>
        </main>
      </HashRouter>
    </TextProvider>,
  )
}

async function* readRange(start: number, end: number): AsyncGenerator<Uint8Array> {
  const answer = await fetch(`/bytes?start=${start}&end=${end}`)
  if (!answer.ok || answer.body === null) {
    throw new OrlopError('NODE_UNREACHABLE', 'No node that keeps the object answers.')
  }
  const pieces = answer.body.getReader()
  for (let next = await pieces.read(); !next.done; next = await pieces.read()) yield next.value
}

const root = document.getElementById('root')
if (root !== null) await showPreview(root)
