/**
 * `holds`: checked, and so. `fails`: checked, and not so. `open`: nothing to check it against, with the reason; no ground for doubt by
 * itself.
 */
export type FindingResult = 'holds' | 'fails' | 'open'

/** One statement of an evidence file, and what checking it showed. */
export interface Finding {
  /** What it is about: the file, the ledger, a party, a receipt, an event, a rating. */
  readonly subject: string
  readonly statement: string
  readonly result: FindingResult
  /** Why it fails or stays open; null when it holds. */
  readonly reason: string | null
}

/** Gathers findings in the order in which they are made. */
export class Findings {
  readonly all: Finding[] = []

  /** @param reason - told when it does not hold. */
  check(subject: string, statement: string, outcome: { isTrue: boolean; reason: string }): void {
    if (outcome.isTrue) this.all.push({ subject, statement, result: 'holds', reason: null })
    else this.all.push({ subject, statement, result: 'fails', reason: outcome.reason })
  }

  open(subject: string, statement: string, reason: string): void {
    this.all.push({ subject, statement, result: 'open', reason })
  }
}
