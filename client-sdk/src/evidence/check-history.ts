import { commitOf } from '@orlop/contracts/receipt-commit'
import { formatObjectId } from '@orlop/protocol/ids'
import type { CreditEvent, ObjectEvent } from '@orlop/protocol/ledger-records'
import * as z from 'zod'
import { nameOf } from './check-receipts.ts'
import { canonical } from './evidence-file.ts'
import {
  type Evidence,
  evidence as evidenceForm,
  evidenceEvent,
  evidenceRating,
  placed,
  positionOf,
} from './evidence-format.ts'
import type { Findings } from './finding.ts'
import type { History } from './read-history.ts'

/** A record in its canonical text, and how people find it. */
interface Entry {
  readonly name: string
  readonly text: string
}

const COMPLETENESS = 'completeness'
const receiptForm = evidenceForm.shape.receipts.element.pick({ commit: true, position: true })

/** Compares the file with the ledger, record by record and in order, both ways: what was changed, added, and left out. */
export function checkHistory(evidence: Evidence, found: History, findings: Findings): void {
  compare(
    'receipts',
    {
      file: evidence.receipts.map(({ commit, position, batch }) =>
        receiptEntry({ commit, position }, batch.batchId),
      ),
      ledger: found.receipts.map((receipt) =>
        receiptEntry(
          { commit: commitOf(receipt), position: positionOf(receipt.position) },
          receipt.batchId,
        ),
      ),
    },
    findings,
  )
  compare(
    'extensions, removals, moves and envelopes',
    { file: evidence.events.map(eventEntry), ledger: found.events.map(placed).map(eventEntry) },
    findings,
  )
  compare(
    'ratings',
    { file: evidence.ratings.map(ratingEntry), ledger: found.ratings.map(placed).map(ratingEntry) },
    findings,
  )
}

function compare(
  what: string,
  { file, ledger }: { readonly file: readonly Entry[]; readonly ledger: readonly Entry[] },
  findings: Findings,
): void {
  const onLedger = new Set(ledger.map(({ text }) => text))
  const inFile = new Set(file.map(({ text }) => text))
  for (const { name, text } of file) {
    findings.check(name, 'on the ledger as the file says', {
      isTrue: onLedger.has(text),
      reason: 'the ledger says nothing of the kind at that place, in every field',
    })
  }
  for (const { name, text } of ledger) {
    if (inFile.has(text)) continue
    findings.check(COMPLETENESS, `${name} is in the file`, {
      isTrue: false,
      reason: 'the ledger has it, and the file leaves it out or says it otherwise',
    })
  }
  const isComplete = ledger.every(({ text }) => inFile.has(text))
  findings.check(COMPLETENESS, `all ${what}, in the order of the ledger, each once`, {
    isTrue:
      isComplete && file.map(({ text }) => text).join() === ledger.map(({ text }) => text).join(),
    reason: `the ledger has ${ledger.length}, the file ${file.length}, or in another order`,
  })
}

function receiptEntry(facts: z.output<typeof receiptForm>, batchId: number): Entry {
  const text = canonical({ ...z.encode(receiptForm, facts), batchId })
  return { name: nameOf(facts), text }
}

function eventEntry(event: ObjectEvent): Entry {
  const { kind, objectId, position } = event
  const name = `${kind} ${formatObjectId(objectId)} in block ${position.blockNumber}`
  return { name, text: canonical(z.encode(evidenceEvent, event)) }
}

function ratingEntry(rating: CreditEvent): Entry {
  const { kind, nodeId, sequence, score } = rating
  const name = `${kind} node ${nodeId} no. ${sequence}, score ${score}`
  return { name, text: canonical(z.encode(evidenceRating, rating)) }
}
