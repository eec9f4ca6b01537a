import { TRANSACTION_KINDS, type TransactionKind } from '@orlop/protocol/api/transactions'

/** Grows with every change of the tables: a file of another version is made anew from the ledger. */
export const INDEX_VERSION = 3
/** `ORLP` in ASCII, in the file's header: tells a file of this index from anybody else's SQLite file. */
export const INDEX_APPLICATION_ID = 0x4f524c50

/** What became of a strip, as numbers in `receipts.state`. */
export const STRIP_STATES = ['live', 'moved', 'removed', 'expired'] as const
export const LIVE = 0
export const MOVED = 1
export const REMOVED = 2
export const EXPIRED = 3
/** `credit_events.kind`. */
export const RATING_KINDS = ['rated', 'annulled', 'appealed', 'dismissed'] as const
export const RATED = 0

/** A kind's bit in `transactions.kinds`. */
export function kindBit(kind: TransactionKind): number {
  return 2 ** TRANSACTION_KINDS.indexOf(kind)
}

const HEARTBEAT = kindBit('heartbeat')
/** Transactions that hold nothing but a heartbeat, and the others, as the indexes over them are told by. */
export const ONLY_HEARTBEAT = `kinds = ${HEARTBEAT}`
export const NOT_ONLY_HEARTBEAT = `kinds <> ${HEARTBEAT}`
/** Events of the registry that are no heartbeats, likewise. */
export const NO_HEARTBEAT = "kind <> 'heartbeat'"
export const HEARTBEATS = "kind = 'heartbeat'"
/** Transactions that hold something of a kind, likewise: what a filter asks for is found without a look at the others. */
export const holdsKind = (kind: TransactionKind) => `kinds & ${kindBit(kind)}`

/**
 * Rows that stand for logs are numbered by {@link ledgerRowId}: `id >> 20` is the block. Receipts name their object by the number of its
 * first receipt. A transaction is named by its first log, `first_id`, and says of itself what a list shows. Totals are kept by triggers, so that whatever adds, changes or takes away rows cannot forget them.
 */
export const TABLES = `
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE blocks (number INTEGER PRIMARY KEY, hash BLOB NOT NULL, time_ms INTEGER NOT NULL);
CREATE INDEX blocks_by_time ON blocks (time_ms);
CREATE TABLE transactions (
  id INTEGER PRIMARY KEY, block_number INTEGER NOT NULL, hash BLOB NOT NULL UNIQUE, first_id INTEGER NOT NULL, kinds INTEGER NOT NULL,
  receipts INTEGER NOT NULL DEFAULT 0, stream_bytes INTEGER NOT NULL DEFAULT 0, client_ids TEXT NOT NULL DEFAULT '[]',
  node_ids TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX transactions_by_block ON transactions (block_number);
CREATE INDEX transactions_by_place ON transactions (first_id, kinds);
CREATE INDEX transactions_with_news ON transactions (first_id) WHERE ${NOT_ONLY_HEARTBEAT};
CREATE INDEX transactions_of_heartbeats ON transactions (first_id) WHERE ${ONLY_HEARTBEAT};
${TRANSACTION_KINDS.map((kind) => `CREATE INDEX transactions_${kind} ON transactions (first_id) WHERE ${holdsKind(kind)};`).join('\n')}

CREATE TABLE objects (
  id INTEGER PRIMARY KEY, object_id BLOB NOT NULL, client_id INTEGER NOT NULL, class_code INTEGER NOT NULL,
  level INTEGER NOT NULL, k INTEGER NOT NULL, m INTEGER NOT NULL, stream_bytes INTEGER NOT NULL, header_hash BLOB NOT NULL
);
CREATE UNIQUE INDEX objects_by_name ON objects (object_id, client_id);
CREATE INDEX objects_by_client ON objects (client_id, id, class_code, level);
CREATE INDEX objects_by_class ON objects (class_code, id, level);
CREATE INDEX objects_by_level ON objects (level, id);

CREATE TABLE receipts (
  id INTEGER PRIMARY KEY, object INTEGER NOT NULL, transaction_id INTEGER NOT NULL, client_id INTEGER NOT NULL,
  node_id INTEGER NOT NULL, sequence INTEGER NOT NULL, strip INTEGER NOT NULL, k INTEGER NOT NULL, m INTEGER NOT NULL,
  class_code INTEGER NOT NULL, level INTEGER NOT NULL, flags INTEGER NOT NULL, stream_bytes INTEGER NOT NULL,
  commit_expiry INTEGER NOT NULL, expiry INTEGER NOT NULL, batch_id INTEGER NOT NULL, state INTEGER NOT NULL,
  header_hash BLOB NOT NULL, root BLOB NOT NULL
);
CREATE INDEX receipts_by_object ON receipts (object);
CREATE INDEX receipts_by_client ON receipts (client_id, id, node_id, class_code, level);
CREATE INDEX receipts_by_node ON receipts (node_id, id, class_code, level);
CREATE INDEX receipts_by_class ON receipts (class_code, id, level);
CREATE INDEX receipts_by_level ON receipts (level, id);
CREATE INDEX receipts_by_number ON receipts (node_id, sequence);
CREATE INDEX receipts_by_expiry ON receipts (state, expiry);
CREATE INDEX receipts_by_node_object ON receipts (node_id, object);
CREATE INDEX receipts_by_root ON receipts (substr(root, 1, 8));

CREATE TABLE object_events (
  id INTEGER PRIMARY KEY, transaction_id INTEGER NOT NULL, kind TEXT NOT NULL, object_id BLOB NOT NULL,
  client_id INTEGER NOT NULL, strip INTEGER, expiry INTEGER, from_node_id INTEGER, from_sequence INTEGER,
  to_node_id INTEGER, to_sequence INTEGER, version INTEGER, envelope_hash BLOB
);
CREATE INDEX object_events_by_object ON object_events (object_id, client_id);

CREATE TABLE credit_events (
  id INTEGER PRIMARY KEY, transaction_id INTEGER NOT NULL, kind INTEGER NOT NULL, node_id INTEGER NOT NULL,
  client_id INTEGER NOT NULL, sequence INTEGER NOT NULL, score INTEGER NOT NULL, cause_code INTEGER NOT NULL,
  before INTEGER NOT NULL, after INTEGER NOT NULL,
  recomputed INTEGER NOT NULL, good INTEGER NOT NULL, bad INTEGER NOT NULL, round INTEGER NOT NULL,
  is_counted INTEGER NOT NULL, is_change INTEGER NOT NULL, reason TEXT, steward TEXT, reason_hash BLOB
);
CREATE INDEX credit_events_by_node ON credit_events (node_id, id, client_id, score, kind, is_counted, is_change);
CREATE INDEX credit_events_by_client ON credit_events (client_id, id, score, kind, is_counted);
CREATE INDEX credit_events_by_score ON credit_events (score, id, kind, is_counted);
CREATE INDEX credit_events_by_kind ON credit_events (kind, is_counted, id);
CREATE INDEX credit_events_by_counted ON credit_events (is_counted, id);
CREATE INDEX credit_events_by_number ON credit_events (node_id, sequence, id);

CREATE TABLE registry_events (
  id INTEGER PRIMARY KEY, transaction_id INTEGER NOT NULL, kind TEXT NOT NULL, node_id INTEGER, former_node_id INTEGER,
  client_id INTEGER, facts TEXT NOT NULL
);
CREATE INDEX registry_events_by_node ON registry_events (node_id, id) WHERE ${NO_HEARTBEAT};
CREATE INDEX registry_events_by_former_node ON registry_events (former_node_id, id) WHERE former_node_id IS NOT NULL;
CREATE INDEX registry_events_by_client ON registry_events (client_id, id) WHERE client_id IS NOT NULL;
CREATE INDEX registry_events_of_heartbeats ON registry_events (id) WHERE ${HEARTBEATS};

CREATE TABLE nodes (node_id INTEGER PRIMARY KEY, name TEXT NOT NULL, folded TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE clients (client_id INTEGER PRIMARY KEY, name TEXT NOT NULL, folded TEXT NOT NULL, record TEXT NOT NULL);
`

/** Sums over the rows above. */
export const TOTALS = `
CREATE TABLE node_totals (
  node_id INTEGER PRIMARY KEY, receipts INTEGER NOT NULL, live_strips INTEGER NOT NULL, live_bytes INTEGER NOT NULL
);
CREATE TABLE client_totals (
  client_id INTEGER NOT NULL, class_code INTEGER NOT NULL, receipts INTEGER NOT NULL, stream_bytes INTEGER NOT NULL,
  live_bytes INTEGER NOT NULL, PRIMARY KEY (client_id, class_code)
) WITHOUT ROWID;
CREATE TABLE client_objects (client_id INTEGER PRIMARY KEY, objects INTEGER NOT NULL);
CREATE TABLE hour_totals (
  hour INTEGER NOT NULL, class_code INTEGER NOT NULL, receipts INTEGER NOT NULL, stream_bytes INTEGER NOT NULL,
  PRIMARY KEY (hour, class_code)
) WITHOUT ROWID;
CREATE TABLE rating_hours (hour INTEGER PRIMARY KEY, ratings INTEGER NOT NULL);
${receiptTrigger('added', 'INSERT', { row: 'NEW', sign: 1 })}
${receiptTrigger('taken', 'DELETE', { row: 'OLD', sign: -1 })}
CREATE TRIGGER receipt_changed AFTER UPDATE OF state ON receipts WHEN (OLD.state = ${LIVE}) <> (NEW.state = ${LIVE}) BEGIN
  UPDATE node_totals SET live_strips = live_strips + (NEW.state = ${LIVE}) - (OLD.state = ${LIVE}),
    live_bytes = live_bytes + NEW.stream_bytes * ((NEW.state = ${LIVE}) - (OLD.state = ${LIVE}))
    WHERE node_id = NEW.node_id;
  UPDATE client_totals SET live_bytes = live_bytes + NEW.stream_bytes * ((NEW.state = ${LIVE}) - (OLD.state = ${LIVE}))
    WHERE client_id = NEW.client_id AND class_code = NEW.class_code;
END;
CREATE TRIGGER object_added AFTER INSERT ON objects BEGIN
  INSERT INTO client_objects VALUES (NEW.client_id, 1) ON CONFLICT DO UPDATE SET objects = objects + 1;
END;
CREATE TRIGGER object_taken AFTER DELETE ON objects BEGIN
  UPDATE client_objects SET objects = objects - 1 WHERE client_id = OLD.client_id;
END;
CREATE TRIGGER rating_added AFTER INSERT ON credit_events WHEN NEW.kind = ${RATED} AND NEW.is_counted BEGIN
  INSERT INTO rating_hours SELECT time_ms / 3600000, 1 FROM blocks WHERE number = NEW.id >> 20
    ON CONFLICT DO UPDATE SET ratings = ratings + 1;
END;
CREATE TRIGGER rating_taken AFTER DELETE ON credit_events WHEN OLD.kind = ${RATED} AND OLD.is_counted BEGIN
  UPDATE rating_hours SET ratings = ratings - 1
    WHERE hour = (SELECT time_ms / 3600000 FROM blocks WHERE number = OLD.id >> 20);
END;
`

/** Adds a receipt to the totals, or takes it out. Its block's row must be there. */
function receiptTrigger(
  name: string,
  event: 'INSERT' | 'DELETE',
  { row, sign }: { row: 'NEW' | 'OLD'; sign: 1 | -1 },
): string {
  const live = `${sign} * (${row}.state = ${LIVE})`
  const bytes = `${row}.stream_bytes`
  return `CREATE TRIGGER receipt_${name} AFTER ${event} ON receipts BEGIN
  INSERT INTO node_totals VALUES (${row}.node_id, ${sign}, ${live}, ${bytes} * ${live})
    ON CONFLICT DO UPDATE SET receipts = receipts + excluded.receipts,
      live_strips = live_strips + excluded.live_strips, live_bytes = live_bytes + excluded.live_bytes;
  INSERT INTO client_totals VALUES (${row}.client_id, ${row}.class_code, ${sign}, ${sign} * ${bytes}, ${bytes} * ${live})
    ON CONFLICT DO UPDATE SET receipts = receipts + excluded.receipts,
      stream_bytes = stream_bytes + excluded.stream_bytes, live_bytes = live_bytes + excluded.live_bytes;
  INSERT INTO hour_totals SELECT time_ms / 3600000, ${row}.class_code, ${sign}, ${sign} * ${bytes}
    FROM blocks WHERE number = ${row}.id >> 20
    ON CONFLICT DO UPDATE SET receipts = receipts + excluded.receipts, stream_bytes = stream_bytes + excluded.stream_bytes;
END;`
}
