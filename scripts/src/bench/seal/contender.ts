import type { ProcessPlan } from '../measure-process.ts'

/** Where a contender finds and leaves things. */
export interface SealFiles {
  readonly plain: string
  /** Empty before sealing; the file names in it are the contender's own. */
  readonly sealedFolder: string
  /** Empty before opening; afterwards the file is in it, under its own name. */
  readonly openedFolder: string
}

/** A program that can seal a file and open it again. */
export interface Contender {
  readonly name: string
  /** What is not measured of a sealing, such as making a repository. */
  prepare?(files: SealFiles, signal: AbortSignal): Promise<void>
  /** The process that seals. */
  seal(files: SealFiles): ProcessPlan
  /** The process that opens what was sealed last. */
  open(files: SealFiles): ProcessPlan
}

/** A program that may not be installed. */
export interface Peer {
  readonly name: string
  /** Finds the program and makes its keys in `folder`. @returns null when it is not installed. */
  find(folder: string, signal: AbortSignal): Promise<Contender | null>
}
