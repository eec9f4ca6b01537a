import type { EvidenceReport } from '@orlop/client-sdk/evidence/check-evidence'
import type { Finding } from '@orlop/client-sdk/evidence/finding'
import { showTime } from './show-time.ts'

const MARKS = { holds: 'holds', fails: 'FAILS', open: 'open ' } as const

/** A report line by line: what holds of one subject in one line, everything else each in its own. */
export function formatFindings(file: string, report: EvidenceReport): string {
  const { evidence, fileHash, findings, isSound } = report
  const { head, exported } = evidence
  const bySubject = [...Map.groupBy(findings, ({ subject }) => subject)]
  const lines = bySubject.flatMap(([subject, own]) => linesOf(subject, own))
  const failed = findings.filter(({ result }) => result === 'fails').length
  const open = findings.filter(({ result }) => result === 'open').length
  const verdict = isSound
    ? `The evidence holds: ${findings.length - open} statements checked${open === 0 ? '' : `, ${open} left open`}.`
    : `The evidence does NOT hold: ${failed} of ${findings.length} statements fail.`
  return [
    `${printable(file)}  SHA-256 ${fileHash}`,
    `exported ${showTime(exported.atMs)} UTC by client ${exported.clientId}, complete up to block ${head.blockNumber} of ${showTime(head.blockTimeMs)} UTC`,
    '',
    ...lines.map(printable),
    '',
    verdict,
  ].join('\n')
}

function linesOf(subject: string, findings: readonly Finding[]): string[] {
  const holding = findings.filter(({ result }) => result === 'holds')
  const others = findings.filter(({ result }) => result !== 'holds')
  const statements = holding.map(({ statement }) => statement).join(', ')
  return [
    ...(holding.length === 0 ? [] : [`${MARKS.holds}  ${subject}: ${statements}`]),
    ...others.map(
      ({ result, statement, reason }) =>
        `${MARKS[result]}  ${subject}: ${statement}: ${reason ?? ''}`,
    ),
  ]
}

/** Names come from the ledger and the file: nothing in them may move the cursor or colour the verdict. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD')
}
