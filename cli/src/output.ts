import Table from 'cli-table3'
import { encodeHex } from '@orlop/crypto/bytes'
import type { CliContext } from './context.ts'

/** Writes a command's result: the value as one JSON document (bytes in hexadecimal) with `--json`, else what `text` says. */
export function printResult(context: CliContext, value: unknown, text: () => string): void {
  const body = context.json ? JSON.stringify(value, bytesAsHex, 2) : text()
  if (body !== '') context.stdout.write(`${body}\n`)
}

function bytesAsHex(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? encodeHex(value) : value
}

/** A plain table, readable when piped. */
export function formatTable(head: string[], rows: string[][]): string {
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  }
  const table = new Table({
    head,
    chars: none,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  table.push(...rows)
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** `1 node`, `2 nodes`: for nouns whose plural takes an s. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `1536` as `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1)
  const value = bytes / 1024 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power] ?? ''}`
}

/** A time as `2026-11-21 22:03:05Z`. */
export function formatTime(timeMs: number): string {
  return new Date(timeMs)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
}

/** Credit as people read it: `61.2 %`. */
export function formatCredit(creditMillionths: number): string {
  return `${(creditMillionths / 10_000).toFixed(1)} %`
}
