import { adminExamples } from './admin-examples.ts'
import { definitionExamples } from './definition-examples.ts'
import type { Examples } from './example.ts'
import { sourceListExamples, sourceMappingExamples } from './source-examples.ts'

const actor = { type: 'user', id: 'u-17' }
const at = '2026-03-01T12:00:00.000Z'

const event = {
  id: '0190f6c2-7d1a-7bbb-8f0e-1c2d3e4f5a6b',
  type: 'track',
  event: 'Order Completed',
  actor,
  time: at,
  receivedAt: '2026-03-01T12:00:01.250Z',
  properties: { total: 59.9, currency: 'EUR', products: [{ sku: 'A-1', quantity: 2 }] },
  context: { library: { name: 'web' } },
  source: 'http',
}

const archiveFile = {
  path: 'day=2026-03-01/0000000000000000.parquet',
  day: '2026-03-01',
  from: 0,
  next: 1440,
  records: 1440,
  entries: 51_200,
  bytes: 2_100_000,
  sha256: 'ab'.repeat(32),
  content: 'cd'.repeat(32),
  last: 'ef'.repeat(32),
}

const evidence = {
  measures: { orders_30d: 2 },
  event: event.id,
  recent: { orders_30d: [event.id, '0190f6c2-0000-7bbb-8f0e-1c2d3e4f5a6b'] },
  deadline: null,
}

const refusedCall = {
  code: 'RONDO_EVENT_INVALID',
  reason: 'event: expected a name of 1 to 1024 characters',
  where: 'POST /v1/track, index 0',
  refusedAt: at,
  raw: '{"userId":"u-17"}',
  id: 'q83vASNFZ4mrze8BI0VniQ',
  path: 'event',
  source: 'shop',
  key: '4f1d2c3b4a59',
  form: 'segment',
  call: 'track',
  batch: { sentAt: at, context: { app: 'shop' } },
}

const transition = {
  id: 'q83vASNFZ4mrze8BI0VniQ',
  seq: 1,
  cycle: 'shopper',
  version: 1,
  generation: 1,
  actor,
  kind: 'advance',
  from: 'start',
  to: 'customer',
  rule: 'first-order',
  cause: 'order',
  at,
  noticedAt: '2026-03-01T12:00:01.250Z',
  dwellMs: null,
  evidence,
  origin: 'live',
}

const disengagement = {
  ...transition,
  id: 'AAECAwQFBgcICQoLDA0ODw',
  seq: 2,
  kind: 'disengage',
  from: 'customer',
  to: 'away',
  rule: 'silence',
  cause: 'absence',
  at: '2026-03-31T12:00:00.000Z',
  noticedAt: '2026-03-31T12:00:01.000Z',
  dwellMs: 2_592_000_000,
  evidence: { measures: {}, event: null, recent: {}, deadline: '2026-03-31T12:00:00.000Z', silentSince: '2026-03-01T12:00:00.000Z' },
}

const retraction = {
  ...disengagement,
  id: 'EBESExQVFhcYGRobHB0eHw',
  seq: 3,
  kind: 'retraction',
  dwellMs: null,
  because: 'a-late-order',
  retracts: disengagement.id,
}

const tick = { record: 'tick', writer: 'ingest-1', time: at }
const writerOpen = { record: 'writer.open', writer: 'ingest-1', time: at }
const writerClose = { record: 'writer.close', writer: 'ingest-1', time: at, by: 'ingest-2' }
const backfillBegin = { record: 'backfill.begin', writer: 'import-orders', time: at }
const backfillEnd = { record: 'backfill.end', writer: 'import-orders', time: at }

/** The examples of each schema, by the name under which index.ts exports the schema. */
export const examples: Readonly<Record<string, Examples>> = {
  idSchema: {
    good: ['u-17', 'é', 'x'.repeat(256), '🎵'.repeat(64)],
    bad: [
      ['', ''],
      ['x'.repeat(257), ''],
      ['é'.repeat(129), ''],
      ['half of a pair \ud83c', ''],
      [17, ''],
    ],
  },
  actorSchema: {
    good: [actor],
    bad: [
      [{ type: 'user' }, 'id'],
      [{ type: '', id: 'u-17' }, 'type'],
      [{ ...actor, name: 'Ada' }, ''],
      ['u-17', ''],
    ],
  },
  activityEventSchema: {
    good: [
      event,
      { id: 'e1', event: 'Song Played', actor, time: at, receivedAt: at },
      { ...event, type: 'identify', traits: { plan: 'free' }, claimedTime: at },
    ],
    bad: [
      [{ ...event, time: '2026-03-01' }, 'time'],
      [{ ...event, time: 1_772_366_400_000 }, 'time'],
      [{ ...event, receivedAt: undefined }, 'receivedAt'],
      [{ ...event, event: '' }, 'event'],
      [{ ...event, type: 'alarm' }, 'type'],
      [{ ...event, actor: { type: 'user', id: '' } }, 'actor.id'],
      [{ ...event, properties: ['total'] }, 'properties'],
      [{ ...event, userId: 'u-17' }, ''],
    ],
  },
  instantSchema: {
    good: [at, '2024-02-29T00:00:00Z', '2026-03-01T12:00:00.123456+02:00'],
    bad: [
      ['2026-02-30T00:00:00Z', ''],
      ['2026-03-01', ''],
      ['2026-03-01T12:00:00', ''],
      [1_772_366_400_000, ''],
    ],
  },
  tickSchema: {
    good: [tick],
    bad: [
      [{ ...tick, time: null }, 'time'],
      [{ ...tick, writer: '' }, 'writer'],
      [writerOpen, 'record'],
    ],
  },
  writerOpenSchema: { good: [writerOpen], bad: [[{ ...writerOpen, writer: undefined }, 'writer']] },
  writerCloseSchema: { good: [writerClose, { ...writerClose, by: undefined }], bad: [[{ ...writerClose, by: '' }, 'by']] },
  backfillBeginSchema: { good: [backfillBegin], bad: [[backfillEnd, 'record']] },
  backfillEndSchema: { good: [backfillEnd], bad: [[{ ...backfillEnd, rows: 3 }, '']] },
  controlRecordSchema: {
    good: [tick, writerOpen, writerClose, backfillBegin, backfillEnd],
    bad: [
      [{ ...tick, record: 'tock' }, 'record'],
      [{ ...tick, time: 'now' }, 'time'],
      [event, 'record'],
    ],
  },
  evidenceSchema: {
    good: [evidence, disengagement.evidence],
    bad: [
      [{ ...evidence, recent: { orders_30d: Array.from({ length: 9 }, (_, n) => `e${n}`) } }, 'recent.orders_30d'],
      [{ ...evidence, event: undefined }, 'event'],
    ],
  },
  outputSchema: {
    good: [
      transition,
      disengagement,
      retraction,
      { ...disengagement, kind: 'notice', to: 'customer' },
      { ...transition, seq: 4, because: 'e9', corrects: disengagement.id },
    ],
    bad: [
      [{ ...transition, seq: 0 }, 'seq'],
      [{ ...transition, id: 'short' }, 'id'],
      [{ ...transition, kind: 'move' }, 'kind'],
      [{ ...transition, origin: 'replay' }, 'origin'],
      [{ ...transition, dwellMs: -1 }, 'dwellMs'],
      [{ ...transition, note: 'x' }, ''],
    ],
  },
  lateRecordSchema: {
    good: [
      { reason: 'grace', logTime: at, event },
      { reason: 'bound', logTime: null, event },
    ],
    bad: [
      [{ reason: 'slow', logTime: at, event }, 'reason'],
      [{ reason: 'grace', logTime: at, event: { ...event, id: '' } }, 'event.id'],
    ],
  },
  quarantineRecordSchema: {
    good: [{ code: 'RONDO_ROW_INVALID', reason: 'no time', where: 'orders.csv:17', refusedAt: null, raw: 'u-17,,59.90' }, refusedCall],
    bad: [[{ code: 'RONDO_ROW_INVALID', reason: 'no time', where: 'orders.csv:17', refusedAt: 'today', raw: '' }, 'refusedAt']],
  },
  archiveManifestSchema: {
    good: [
      { version: 1, log: { folder: '0a1b2c3d' }, partition: 0, files: [archiveFile] },
      { version: 1, log: { cluster: 'kLm', topic: 'activity' }, partition: 3, files: [] },
    ],
    bad: [
      [{ version: 1, log: {}, partition: 0, files: [{ ...archiveFile, day: 'today' }] }, 'files.0.day'],
      [{ version: 1, log: {}, partition: 0, files: [{ ...archiveFile, sha256: 'ab' }] }, 'files.0.sha256'],
      [{ version: 2, log: {}, partition: 0, files: [] }, 'version'],
    ],
  },
  cursorSchema: { good: [{ deadline: 1_772_366_400_000, actor }], bad: [[{ deadline: at, actor }, 'deadline']] },
  positionSchema: {
    good: [
      { offset: 0, index: 0, cursor: null },
      { offset: 12, index: 99, cursor: { deadline: 1_772_366_400_000, actor } },
    ],
    bad: [
      [{ offset: -1, index: 0, cursor: null }, 'offset'],
      [{ offset: 1, index: 0.5, cursor: null }, 'index'],
      [{ offset: 1, index: 0 }, 'cursor'],
    ],
  },
  ...adminExamples,
  ...definitionExamples,
  sourceListSchema: sourceListExamples,
  sourceMappingSchema: sourceMappingExamples,
}
