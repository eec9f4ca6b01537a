import { readFileSync } from 'node:fs'

/** Reads one file of `crypto/vectors/`, which its tests know the shape of. */
export function readVectors(name: string): unknown {
  const url = new URL(`../../vectors/${name}`, import.meta.url)
  return JSON.parse(readFileSync(url, 'utf8'))
}
