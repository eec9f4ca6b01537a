import type { Evidence, EvidenceReceipt } from '@orlop/client-sdk/evidence/evidence-format'
import { encodeHex } from '@orlop/crypto/bytes'
import { DATA_CLASSES, nameOfCode } from '@orlop/protocol/data-classes'
import { formatObjectId } from '@orlop/protocol/ids'
import { EVERY_STRIP } from '@orlop/protocol/limits'
import { RATING_CAUSES } from '@orlop/protocol/messages/keeping'
import PDFDocument from 'pdfkit'
import { formatBytes, formatCredit } from '../output.ts'
import { showTime } from './show-time.ts'
import { objectStories, type ObjectStory, standingOf } from './evidence-story.ts'
import { Sheet, STYLES } from './sheet.ts'

/** What is printed. */
export interface EvidencePrint {
  readonly evidence: Evidence
  /** The evidence file, which is put into the document as an attachment too. */
  readonly bytes: Uint8Array
  /** Its SHA-256 in hexadecimal. */
  readonly fileHash: string
  /** How the file is called, for the commands that check it. */
  readonly fileName: string
}

/** In tables, whose heads say that times are UTC. */
const time = showTime
const utc = (timeMs: number) => `${time(timeMs)} UTC`
const hex = (bytes: Uint8Array) => `0x${encodeHex(bytes)}`

/**
 * Evidence as a document that people file: what the ledger says, in words and tables, and how to check it. The document itself proves
 * nothing; the file whose hash it names does.
 */
export async function printEvidence(print: EvidencePrint): Promise<Uint8Array> {
  const { evidence, bytes } = print
  const subject = clientName(evidence, evidence.subject.clientId)
  const made = new Date(evidence.exported.atMs)
  const document = new PDFDocument({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    displayTitle: true,
    lang: 'en',
    pdfVersion: '1.7',
    info: {
      Title: `Storage evidence: ${subject}`,
      Subject: `Orlop evidence file ${print.fileHash}`,
      Creator: evidence.exported.software,
      Producer: evidence.exported.software,
      CreationDate: made,
      ModDate: made,
    },
  })
  const pieces: Buffer[] = []
  const ended = new Promise<void>((resolve, reject) => {
    document.on('data', (piece: Buffer) => pieces.push(piece))
    document.on('end', resolve)
    document.on('error', reject)
  })
  document.file(Buffer.from(bytes), {
    name: print.fileName,
    type: 'application/json',
    description: 'The signed evidence file that this document shows',
    creationDate: made,
    modifiedDate: made,
  })
  const sheet = new Sheet(document)
  writeFront(sheet, print)
  writeChecking(sheet, print)
  for (const [at, story] of objectStories(evidence).entries())
    writeObject(sheet, story, { at, evidence })
  writeParties(sheet, evidence)
  sheet.foot(`Orlop storage evidence, SHA-256 of the file ${print.fileHash.slice(0, 16)}…`)
  document.end()
  await ended
  return Buffer.concat(pieces)
}

function writeFront(sheet: Sheet, { evidence, fileHash, fileName }: EvidencePrint): void {
  const { subject, head, exported, deployment, receipts } = evidence
  const ship = evidence.clients.find(({ clientId }) => clientId === subject.clientId)
  sheet.paragraph('ORLOP STORAGE EVIDENCE', STYLES.label)
  sheet.paragraph(clientName(evidence, subject.clientId), STYLES.title)
  const imo = ship === undefined || ship.imoNumber === 0 ? '' : `IMO ${ship.imoNumber}  |  `
  sheet.paragraph(`${imo}client ${subject.clientId} of the ledger`, STYLES.small)
  sheet.space(10)
  sheet.paragraph(
    `The ledger named below holds ${receipts.length} storage ${receipts.length === 1 ? 'receipt' : 'receipts'} of this client for what this document covers. Each receipt says that at its time a node held a sealed copy with the given fingerprint (Merkle root), and until when it is kept. Receipts do not say what is in a copy.`,
  )
  sheet.space(8)
  sheet.facts([
    ['Covers', subjectText(evidence), STYLES.strong],
    ['Complete up to', `block ${head.blockNumber}, ${utc(head.blockTimeMs)}`],
    ['', head.blockHash, STYLES.mono],
    [
      'Exported',
      `${utc(exported.atMs)} by ${clientName(evidence, exported.clientId)} (client ${exported.clientId}), ${exported.software}`,
    ],
    ['Signed with', exported.signer, STYLES.mono],
    ['Ledger', `chain ${deployment.chainId}, from block ${deployment.fromBlock}`],
    ['Registry', deployment.registry, STYLES.mono],
    ['Receipts', deployment.receipts, STYLES.mono],
    ['Credit', deployment.credit, STYLES.mono],
    ['Evidence file', fileName],
    ['SHA-256 of the file', fileHash, STYLES.mono],
  ])
}

function writeChecking(sheet: Sheet, { fileName }: EvidencePrint): void {
  sheet.heading('How to check this document')
  sheet.paragraph(
    'This document shows what the evidence file says; the file proves it. The file is attached to this document and was delivered beside it. First compare its SHA-256 with the one on this page; then have the file checked against the ledger through any JSON-RPC endpoint that you trust, your own node best:',
  )
  sheet.space(4)
  sheet.commands([
    `sha256sum ${shellWord(fileName)}`,
    `orlop evidence check ${shellWord(fileName)} --rpc https://your-endpoint --deployment deployment.json`,
  ])
  sheet.paragraph(
    'The command says line by line what holds and what does not: the signature of the exporter, chain and contracts, proof, batch root, bit, block and signatures of every receipt, and that nothing was left out. Take the addresses of the contracts from who runs the network, not from this document alone. docs/evidence.md describes the file for those who check it with their own means.',
  )
}

function writeObject(
  sheet: Sheet,
  story: ObjectStory,
  { at, evidence }: { readonly at: number; readonly evidence: Evidence },
): void {
  const [first] = story.receipts
  if (first === undefined) return
  const { commit } = first
  if (at === 0) sheet.heading('Objects')
  sheet.space(at === 0 ? 0 : 12)
  sheet.keepTogether(130)
  sheet.paragraph(story.name, STYLES.object)
  sheet.paragraph(
    `${formatBytes(commit.streamBytes)} sealed  |  class ${nameOfCode(DATA_CLASSES, commit.classCode)}  |  level ${commit.level}  |  ${commit.k} data and ${commit.m} parity strips  |  header ${hex(commit.headerHash).slice(0, 18)}…`,
    STYLES.small,
  )
  sheet.space(4)
  sheet.table(
    [
      { title: 'STRIP', share: 7 },
      { title: 'NODE', share: 15 },
      { title: 'RECEIPT', share: 9 },
      { title: 'ON THE LEDGER, UTC', share: 20 },
      { title: 'ACKNOWLEDGED, UTC', share: 20 },
      { title: 'KEPT UNTIL, UTC', share: 20 },
      { title: 'STATE', share: 13 },
    ],
    story.receipts.map((receipt) => receiptRow(receipt, story, evidence)),
  )
  writeEvents(sheet, story, evidence)
}

function receiptRow(receipt: EvidenceReceipt, story: ObjectStory, evidence: Evidence) {
  const { commit, ack, batch, position } = receipt
  const { expiry, state } = standingOf(receipt, story.events, evidence.head.blockTimeMs)
  return {
    cells: [
      String(commit.index),
      nodeName(evidence, commit.nodeId),
      String(commit.sequence),
      time(position.blockTimeMs),
      ack === null ? 'not in the file' : time(ack.storedAtMs),
      time(expiry * 1000),
      state,
    ],
    details: [
      `root        ${hex(commit.root)}`,
      `transaction ${position.transactionHash}  block ${position.blockNumber}, batch ${batch.batchId}`,
    ],
  }
}

function writeEvents(sheet: Sheet, { events, ratings }: ObjectStory, evidence: Evidence): void {
  const rows = [
    ...events.map((event) => ({ position: event.position, what: eventText(event, evidence) })),
    ...ratings.map((rating) => ({
      position: rating.position,
      what: `${rating.kind === 'rated' ? 'Rated' : 'Rating taken back'}: ${nodeName(evidence, rating.nodeId)} no. ${rating.sequence}, ${rating.score} of 5 (${nameOfCode(RATING_CAUSES, rating.causeCode)}); credit ${formatCredit(rating.beforeMillionths)} to ${formatCredit(rating.afterMillionths)}`,
    })),
  ].sort(
    ({ position: left }, { position: right }) =>
      left.blockNumber - right.blockNumber || left.logIndex - right.logIndex,
  )
  if (rows.length === 0) return
  sheet.table(
    [
      { title: 'AFTERWARDS, UTC', share: 20 },
      { title: 'WHAT', share: 80 },
    ],
    rows.map(({ position, what }) => ({
      cells: [time(position.blockTimeMs), what],
      details: [`transaction ${position.transactionHash}  block ${position.blockNumber}`],
    })),
  )
}

function eventText(event: Evidence['events'][number], evidence: Evidence): string {
  const which = (index: number) => (index === EVERY_STRIP ? 'every strip' : `strip ${index}`)
  switch (event.kind) {
    case 'extended':
      return `Kept longer: ${which(event.index)} until ${utc(event.expiry * 1000)}`
    case 'removed':
      return `Given up by its client: ${which(event.index)}`
    case 'moved':
      return `Moved: ${which(event.index)} from ${nodeName(evidence, event.fromNodeId)} no. ${event.fromSequence} to ${nodeName(evidence, event.toNodeId)} no. ${event.toSequence}`
    case 'envelope':
      return `Envelope of version ${event.version}: ${hex(event.envelopeHash)}`
  }
}

function writeParties(sheet: Sheet, { clients, nodes }: Evidence): void {
  sheet.heading('Parties')
  sheet.table(
    [
      { title: 'NO.', share: 7 },
      { title: 'CLIENT', share: 38 },
      { title: 'IMO', share: 12 },
      { title: 'KEYS, THE NEWEST LAST', share: 48, style: STYLES.mono },
    ],
    clients.map(({ clientId, name, imoNumber, signers }) => ({
      cells: [String(clientId), name, imoNumber === 0 ? '–' : String(imoNumber), signers.join(' ')],
    })),
  )
  sheet.table(
    [
      { title: 'NO.', share: 7 },
      { title: 'NODE', share: 50 },
      { title: 'ACCOUNT', share: 48, style: STYLES.mono },
    ],
    nodes.map(({ nodeId, name, account }) => ({ cells: [String(nodeId), name, account] })),
  )
}

function subjectText({ subject }: Evidence): string {
  if (subject.kind === 'period') {
    return `everything with a receipt from ${utc(subject.fromMs)} until ${utc(subject.toMs)}`
  }
  const [only, ...others] = subject.objectIds.map(formatObjectId)
  return others.length === 0 ? (only ?? '') : `${subject.objectIds.length} objects by name`
}

function clientName({ clients }: Evidence, wantedId: number): string {
  const name = clients.find(({ clientId }) => clientId === wantedId)?.name ?? ''
  return name.trim() === '' ? `Client ${wantedId}` : name
}

function nodeName({ nodes }: Evidence, wantedId: number): string {
  return nodes.find(({ nodeId }) => nodeId === wantedId)?.name ?? `node ${wantedId}`
}

/** As a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
