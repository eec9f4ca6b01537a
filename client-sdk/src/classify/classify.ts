import { DATA_CLASSES } from '@orlop/protocol/data-classes'
import type { DataClass } from '@orlop/protocol/data-classes'

import { detectChart, detectChartPermit } from './detect/chart.ts'
import { detectJson } from './detect/json.ts'
import { detectMagic } from './detect/magic.ts'
import { detectMarkup } from './detect/markup.ts'
import { detectNmea0183 } from './detect/nmea-0183.ts'
import { detectNmea2000 } from './detect/nmea-2000.ts'
import { detectTable } from './detect/table.ts'
import { detectText } from './detect/text.ts'
import type { ContentFinding, Evidence } from './evidence.ts'
import { found, WEIGHTS } from './evidence.ts'
import { hintsOfFolder, hintsOfName } from './hints.ts'
import { HEAD_BYTES } from './subject.ts'
import type { Subject } from './subject.ts'
import { decodeTextSample } from './text-sample.ts'

/** What an object is, and why we think so. */
export interface Classification {
  readonly dataClass: DataClass
  /** Short name of the recognised format: `nmea-0183`, `jpeg`, `csv`, `unknown`, … */
  readonly format: string
  readonly mediaType: string
  /** Share of all evidence that speaks for the class, 0–1. */
  readonly confidence: number
  /** Everything that was observed, strongest first. Holds no content. */
  readonly evidence: readonly Evidence[]
}

/** From the most to the least specific; the first that recognises the text speaks. */
const TEXT_DETECTORS = [
  detectNmea2000,
  detectNmea0183,
  detectChartPermit,
  detectMarkup,
  detectJson,
  detectTable,
] as const

/**
 * Says what an object is, from the first 64 KiB of its content, its name and its folders. What the content is for certain (a
 * photograph, NMEA sentences) is never overruled by a name; a container such as PDF or CSV is.
 *
 * @throws RangeError when the head is longer than 64 KiB.
 */
export async function classify(subject: Subject): Promise<Classification> {
  if (subject.head.length > HEAD_BYTES) {
    throw new RangeError(`head: expected at most ${HEAD_BYTES} bytes, got ${subject.head.length}`)
  }
  const content = await findInContent(subject)
  const evidence: Evidence[] = [
    content,
    ...hintsOfName(subject.name),
    ...hintsOfFolder(subject.folder),
  ].sort((a, b) => b.weight - a.weight)
  const { dataClass, share } = strongestClass(evidence)
  return {
    dataClass,
    format: content.format,
    mediaType: content.mediaType,
    confidence: share,
    evidence: evidence.map(({ source, dataClass: speaksFor, weight, detail }) => ({
      source,
      dataClass: speaksFor,
      weight,
      detail,
    })),
  }
}

async function findInContent({ head, sizeBytes }: Subject): Promise<ContentFinding> {
  if (head.length === 0) {
    return unknown('empty', 'application/octet-stream', 'There is no content.')
  }
  const chart = detectChart(head)
  if (chart !== null) return chart
  const text = decodeTextSample(head, sizeBytes !== null && sizeBytes <= head.length)
  const magic = await detectMagic(head)
  if (magic !== null) return magic
  if (text === null) {
    return unknown('unknown', 'application/octet-stream', 'Binary content of no known format.')
  }
  for (const detect of TEXT_DETECTORS) {
    const finding = detect(text)
    if (finding !== null) return finding
  }
  return detectText(text)
}

function unknown(format: string, mediaType: string, detail: string): ContentFinding {
  return found({ dataClass: 'data', format, mediaType, weight: WEIGHTS.fallback, detail })
}

/** The class with the greatest sum of weights; of equals, the one with the lower code, which matters more. */
function strongestClass(evidence: readonly Evidence[]): { dataClass: DataClass; share: number } {
  const sums = new Map<DataClass, number>()
  let total = 0
  for (const { dataClass, weight } of evidence) {
    sums.set(dataClass, (sums.get(dataClass) ?? 0) + weight)
    total += weight
  }
  const [best] = [...sums].sort(
    ([classA, sumA], [classB, sumB]) => sumB - sumA || DATA_CLASSES[classA] - DATA_CLASSES[classB],
  )
  const [dataClass, sum] = best ?? (['data', 0] as const)
  return { dataClass, share: total === 0 ? 0 : sum / total }
}
