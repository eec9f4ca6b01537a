import type { DataClass } from '@orlop/protocol/data-classes'

/** Where a piece of evidence was found. */
export type EvidenceSource = 'content' | 'name' | 'folder'

/** One observation that speaks for a class. It never quotes the data itself, so it may be shown and logged. */
export interface Evidence {
  readonly source: EvidenceSource
  /** The class it speaks for. */
  readonly dataClass: DataClass
  /** How strongly, 1–100; the class with the greatest sum wins. */
  readonly weight: number
  /** One sentence for people: what matched. */
  readonly detail: string
}

/** What a look at the content says: evidence, and the format where it was recognised. */
export interface ContentFinding extends Evidence {
  readonly source: 'content'
  /** Short name of the format, such as `nmea-0183` or `jpeg`. */
  readonly format: string
  /** IANA media type, or the nearest there is. */
  readonly mediaType: string
}

/**
 * How much each kind of observation weighs. A structure that only one kind of data has beats every name; a container that can
 * hold anything (PDF, zip, CSV) yields to a name that says what is inside.
 */
export const WEIGHTS = {
  /** Structure or magic bytes that belong to exactly one class. */
  certain: 100,
  /** Several independent signs of one class in a general format. */
  likely: 60,
  /** A word in the file's name. */
  name: 40,
  /** Lines of a general log. */
  loose: 30,
  /** A container or text form that can hold any class. */
  container: 25,
  /** A word in the name of a folder above. */
  folder: 20,
  /** The extension alone. */
  extension: 15,
  /** Nothing else is known. */
  fallback: 1,
} as const

/** A finding in the content, without repeating its source. */
export function found(finding: Omit<ContentFinding, 'source'>): ContentFinding {
  return { source: 'content', ...finding }
}
