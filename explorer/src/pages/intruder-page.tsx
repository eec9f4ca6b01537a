import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiFailure } from '../api/problem.ts'
import { useText } from '../i18n/text.tsx'
import { asLatin1, byteStatistics } from '../intruder/byte-statistics.ts'
import { DataTable } from '../ui/data-table.tsx'
import { PixelCanvas } from '../ui/pixel-canvas.tsx'
import { PageHead, Panel } from '../ui/page.tsx'
import { ScrollFrame } from '../ui/scroll-frame.tsx'
import { Answer } from '../ui/states.tsx'
import { useFormat } from '../ui/use-format.ts'

const LEVELS = [1, 2] as const
type Level = (typeof LEVELS)[number]

async function readBytes(path: string, signal: AbortSignal): Promise<Uint8Array> {
  const answer = await fetch(path, { signal }).catch((cause: unknown) => {
    throw new ApiFailure('network', path, null, cause)
  })
  if (!answer.ok) throw new ApiFailure('network', path)
  return new Uint8Array(await answer.arrayBuffer())
}

/** A sample file as the ship stored it and as a node keeps it. */
function useSample(name: string, level: Level) {
  return useQuery({
    queryKey: ['sample', name, level],
    queryFn: async ({ signal }) => {
      const [plain, sealed] = await Promise.all([
        readBytes(`/intruder/${name}`, signal),
        readBytes(`/intruder/${name}.${level}.bin`, signal),
      ])
      return { plain, sealed }
    },
    staleTime: Infinity,
  })
}

/** What somebody without keys gets: noise as text, and as a picture. */
export function IntruderPage() {
  const { t } = useText()
  const [level, setLevel] = useState<Level>(2)
  return (
    <>
      <PageHead title={t('intruder.title')} lead={t('intruder.lead')} />
      <div className="segments" role="group" aria-label={t('intruder.levelLabel')}>
        {LEVELS.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === level}
            onClick={() => setLevel(each)}
          >
            {t(`intruder.level${each}`)}
          </button>
        ))}
      </div>
      <TextSample level={level} />
      <ImageSample level={level} />
      <Panel title={t('intruder.howTitle')}>
        <p>{t('intruder.how')}</p>
      </Panel>
    </>
  )
}

function TextSample({ level }: { level: Level }) {
  const { t } = useText()
  const sample = useSample('plan.txt', level)
  return (
    <Panel title={t('intruder.textTitle')}>
      <Answer of={sample}>
        {({ plain, sealed }) => (
          <>
            <div className="intruder-pair">
              <figure>
                <figcaption>{t('intruder.plainText')}</figcaption>
                <ScrollFrame label={t('intruder.plainText')}>
                  <pre tabIndex={0}>{new TextDecoder().decode(plain)}</pre>
                </ScrollFrame>
              </figure>
              <figure>
                <figcaption>{t('intruder.sealedText')}</figcaption>
                <pre tabIndex={0}>{asLatin1(sealed)}</pre>
              </figure>
            </div>
            <Measures title={t('intruder.textTitle')} plain={plain} sealed={sealed} />
          </>
        )}
      </Answer>
    </Panel>
  )
}

function ImageSample({ level }: { level: Level }) {
  const { t } = useText()
  const sample = useSample('quay.jpg', level)
  return (
    <Panel title={t('intruder.imageTitle')}>
      <Answer of={sample}>
        {({ plain, sealed }) => (
          <>
            <div className="intruder-pair">
              <figure>
                <figcaption>{t('intruder.plainText')}</figcaption>
                <img src="/intruder/quay.jpg" alt={t('intruder.plainImage')} />
              </figure>
              <figure>
                <figcaption>{t('intruder.sealedText')}</figcaption>
                <PixelCanvas bytes={sealed} label={t('intruder.sealedImage')} />
              </figure>
            </div>
            <Measures title={t('intruder.imageTitle')} plain={plain} sealed={sealed} />
          </>
        )}
      </Answer>
    </Panel>
  )
}

function Measures(props: { title: string; plain: Uint8Array; sealed: Uint8Array }) {
  const { t, locale } = useText()
  const { bytes } = useFormat()
  const digits = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 3,
    maximumFractionDigits: 3,
  })
  const [plain, sealed] = [byteStatistics(props.plain), byteStatistics(props.sealed)]
  const entropy = (bits: number) => t('intruder.entropyUnit', { bits: digits.format(bits) })
  const rows = [
    {
      name: t('intruder.size'),
      plain: bytes(props.plain.length),
      sealed: bytes(props.sealed.length),
    },
    {
      name: t('intruder.entropy'),
      plain: entropy(plain.entropyBits),
      sealed: entropy(sealed.entropyBits),
    },
    {
      name: t('intruder.correlation'),
      plain: digits.format(plain.correlation),
      sealed: digits.format(sealed.correlation),
    },
  ]
  return (
    <>
      <DataTable
        caption={props.title}
        columns={[
          { key: 'measure', header: t('intruder.measure'), cell: ({ name }) => name },
          { key: 'plain', header: t('intruder.plain'), cell: (row) => row.plain, isNumber: true },
          {
            key: 'sealed',
            header: t('intruder.sealed'),
            cell: (row) => row.sealed,
            isNumber: true,
          },
        ]}
        rows={rows}
        keyOf={({ name }) => name}
      />
      <p className="below">{t('intruder.stats')}</p>
    </>
  )
}
