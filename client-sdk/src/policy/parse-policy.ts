import { isNode, LineCounter, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import type * as z from 'zod'

import { encodeUtf8 } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'

import { policySchema } from './schema.ts'
import type { Policy } from './schema.ts'

/** Longest policy file. */
export const MAX_POLICY_BYTES = 256 * 1024

const MAX_ALIASES = 100
const MAX_SHOWN_PROBLEMS = 10

/** One thing that is wrong, and where; lines and columns count from 1. */
interface Problem {
  readonly line: number
  readonly column: number
  readonly text: string
}

/**
 * Reads and checks a policy.
 *
 * @param text YAML 1.2.
 * @param fileName named in errors.
 * @throws OrlopError `POLICY_INVALID` listing every problem with file, line and column.
 */
export function parsePolicy(text: string, fileName = 'policy'): Policy {
  if (encodeUtf8(text).length > MAX_POLICY_BYTES) {
    throw invalid(fileName, [
      { line: 1, column: 1, text: `Longer than ${MAX_POLICY_BYTES} bytes.` },
    ])
  }
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true })
  const positionOf = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const syntax = [...document.errors, ...document.warnings].map((error) => ({
    ...positionOf(error.pos[0]),
    text: error.message,
  }))
  if (syntax.length > 0) throw invalid(fileName, syntax)
  const parsed = policySchema.safeParse(toValue(document, fileName))
  const locate = (path: readonly PropertyKey[]) => positionOf(offsetOf(document, path))
  if (!parsed.success) {
    throw invalid(
      fileName,
      parsed.error.issues.flatMap((issue) => problemsOf(issue, locate)),
    )
  }
  assertCustody(parsed.data, fileName, locate)
  return parsed.data
}

function toValue(document: Document.Parsed, fileName: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : 'It cannot be resolved.'
    throw invalid(fileName, [{ line: 1, column: 1, text }], cause)
  }
}

/** Where the value at `path` begins, or the nearest value above it that is written in the file. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

function problemsOf(
  issue: z.core.$ZodIssue,
  locate: (path: readonly PropertyKey[]) => Omit<Problem, 'text'>,
): Problem[] {
  const where = issue.path.length === 0 ? 'policy' : issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      ...locate([...issue.path, key]),
      text: `${where} has no setting "${key}".`,
    }))
  }
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.flat()[0]
    if (inner !== undefined)
      return problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, locate)
  }
  return [{ ...locate(issue.path), text: `${where}: ${issue.message}.` }]
}

/** Who keeps the key must be said in the same place as level 3, or for everything. */
function assertCustody(
  policy: Policy,
  fileName: string,
  locate: (path: readonly PropertyKey[]) => Omit<Problem, 'text'>,
): void {
  const { defaults } = policy
  const settings = [
    { path: ['defaults', 'level'], ...defaults },
    ...policy.rules.map(({ set }, index) => ({ path: ['rules', index, 'set', 'level'], ...set })),
  ]
  const problems = settings
    .filter(({ level, custody }) => level === 3 && (custody ?? defaults.custody) === undefined)
    .map(({ path }) => ({
      ...locate(path),
      text: 'level 3 needs custody: who keeps the key (docs/policy.md).',
    }))
  if (problems.length > 0) throw invalid(fileName, problems)
}

function invalid(fileName: string, problems: readonly Problem[], cause?: unknown): OrlopError {
  const shown = problems
    .slice(0, MAX_SHOWN_PROBLEMS)
    .map(({ line, column, text }) => `${fileName}:${line}:${column}: ${text}`)
  const hidden = problems.length - shown.length
  if (hidden > 0) shown.push(`… and ${hidden} more.`)
  const { line = 1, column = 1 } = problems[0] ?? {}
  return new OrlopError(
    'POLICY_INVALID',
    `The policy cannot be used. Correct it and try again.\n${shown.join('\n')}`,
    { cause, details: { file: fileName, line, column } },
  )
}
