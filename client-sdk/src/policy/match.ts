import picomatch from 'picomatch'

import type { DataClass } from '@orlop/protocol/data-classes'

import type { Condition } from './schema.ts'

/** What a policy may decide by. */
export interface PolicyFacts {
  readonly dataClass: DataClass
  /** As classification names it: `jpeg`, `nmea-0183`, … */
  readonly format: string
  /** The file's name without folders. */
  readonly name: string
  /** The folders above it, separated by `/`; empty when unknown. */
  readonly folder: string
  /** Plaintext bytes; null when not known yet, and then no condition on size holds. */
  readonly sizeBytes: number | null
}

const GLOB_OPTIONS = { nocase: true, dot: true } as const

/** Whether every condition that is given holds; an absent condition always does. */
export function matches(condition: Condition | undefined, facts: PolicyFacts): boolean {
  if (condition === undefined) return true
  return (
    (condition.class?.includes(facts.dataClass) ?? true) &&
    matchesGlob(condition.format, facts.format) &&
    matchesGlob(condition.name, facts.name) &&
    matchesFolder(condition.folder, facts.folder) &&
    matchesSize(condition, facts.sizeBytes)
  )
}

function matchesGlob(patterns: string[] | undefined, text: string): boolean {
  // A name is one path segment, so a backslash or slash in it must not be taken for a separator.
  return patterns === undefined || picomatch(patterns, { ...GLOB_OPTIONS, bash: true })(text)
}

/**
 * A folder pattern holds for the folders that it matches and for all below them. It may begin anywhere in the path, as `charts` finds
 * `/data/charts/2022`; with a leading slash it begins at the root.
 */
function matchesFolder(patterns: string[] | undefined, folder: string): boolean {
  if (patterns === undefined) return true
  const globs = patterns.map((text) =>
    text.startsWith('/') ? `${text.slice(1)}{,/**}` : `{${text},**/${text}}{,/**}`,
  )
  return picomatch(globs, GLOB_OPTIONS)(folder.replace(/^\/+/, ''))
}

function matchesSize({ minBytes, maxBytes }: Condition, sizeBytes: number | null): boolean {
  if (minBytes === undefined && maxBytes === undefined) return true
  if (sizeBytes === null) return false
  return sizeBytes >= (minBytes ?? 0) && sizeBytes <= (maxBytes ?? Number.MAX_SAFE_INTEGER)
}
