import type { Examples } from './example.ts'

const at = '2026-03-01T12:00:00.000Z'
const key = { id: '4f1d2c3b4a59', role: 'admin', name: 'operations', hash: 'ab'.repeat(32) }
const writeKey = { ...key, role: 'write', source: 'shop', environment: 'production', origins: ['https://shop.example'], eventsPerSecond: 500, expiresAt: at }
const created = { kind: 'key-created', at, by: 'start', key }
const ended = { kind: 'key-ended', at, by: '0a1b2c3d4e5f', id: key.id, endsAt: at }
const repair = { map: { actor: 'properties.customer' }, set: { 'properties.total': ['properties.cost', 'cost'] }, remove: ['properties.cost'], timezone: 'UTC' }
const replayed = {
  kind: 'quarantine-replayed',
  at,
  by: key.id,
  receipt: 'r1',
  repair,
  count: 1,
  items: [{ id: 'a-17', copies: 'x', event: 'm-1', late: true }],
}
const discarded = { kind: 'quarantine-discarded', at, by: 'command', receipt: 'r2', count: 1, items: [{ id: '0-4711' }] }
const reloaded = { kind: 'reloaded', at, by: 'signal', app: 'ingest', changes: [{ name: 'RONDO_STALL', change: 'from 60s to 90s' }] }
const reloadRefused = {
  kind: 'reload-refused',
  at,
  by: key.id,
  app: 'standalone',
  defects: ['RONDO_PORT was changed from 8080 to 9090, which needs a restart.'],
}

const planned = { event: 'Order Completed', version: 1, mode: 'enforce', schema: { properties: { properties: { required: ['total'] } } } }
const sample = { path: 'properties.total', events: 2, reason: 'properties.total: expected a value, found nothing', id: 'e-1', actor: 'u-17', receivedAt: at }
const eventName = { name: 'Order Completed', since: null, events: 12, firstAt: at, lastAt: at, signals: ['order'], defects: 2, samples: [sample], version: 1 }
const eventPlanned = { kind: 'event-planned', at, by: 'command', planned }
const eventRetired = { kind: 'event-retired', at, by: 'command', event: planned.event, version: 2 }
const unplannedSet = { kind: 'unplanned-set', at, by: 'command', mode: 'observe', version: 1 }

/** Examples of administrative acts, good and bad, for test/contracts.spec.ts. */
export const adminExamples: Record<string, Examples> = {
  keySchema: {
    good: [key, writeKey, { ...key, role: 'read', cycles: ['shopper'] }],
    bad: [
      [{ ...key, id: 'K1' }, 'id'],
      [{ ...key, role: 'owner' }, 'role'],
      [{ ...key, hash: 'rondo_admin_secret' }, 'hash'],
      [{ ...writeKey, origins: ['https://shop.example/cart'] }, 'origins.0'],
      [{ ...writeKey, eventsPerSecond: 0 }, 'eventsPerSecond'],
    ],
  },
  keyCreatedSchema: { good: [created], bad: [[{ ...created, key: { ...key, name: '' } }, 'key.name']] },
  keyEndedSchema: { good: [ended], bad: [[{ ...ended, endsAt: 'now' }, 'endsAt']] },
  plannedEventSchema: {
    good: [planned, { ...planned, mode: 'observe', schema: {} }],
    bad: [
      [{ ...planned, event: '' }, 'event'],
      [{ ...planned, version: 0 }, 'version'],
      [{ ...planned, mode: 'allow' }, 'mode'],
      [{ ...planned, schema: true }, 'schema'],
    ],
  },
  planDefectSchema: {
    good: [
      { version: 0, reason: 'the name is not in the plan' },
      { version: 3, path: 'properties.total', reason: 'properties.total: expected a number, found a text' },
    ],
    bad: [[{ version: -1, reason: '' }, 'version']],
  },
  defectSampleSchema: { good: [sample], bad: [[{ ...sample, events: 'two' }, 'events']] },
  eventNameSchema: {
    good: [eventName, { ...eventName, name: null, since: at, events: 0, firstAt: null, lastAt: null, defects: 0, samples: [] }],
    bad: [[{ ...eventName, samples: [{ ...sample, receivedAt: 'now' }] }, 'samples.0.receivedAt']],
  },
  eventPlannedSchema: { good: [eventPlanned], bad: [[{ ...eventPlanned, planned: { ...planned, mode: '' } }, 'planned.mode']] },
  eventRetiredSchema: { good: [eventRetired], bad: [[{ ...eventRetired, version: 1.5 }, 'version']] },
  unplannedSetSchema: { good: [unplannedSet], bad: [[{ ...unplannedSet, mode: 'refuse' }, 'mode']] },
  quarantineReplayedSchema: { good: [replayed], bad: [[{ ...replayed, items: [{ id: 'a-17' }] }, 'items.0.event']] },
  quarantineDiscardedSchema: { good: [discarded], bad: [[{ ...discarded, receipt: '' }, 'receipt']] },
  reloadedSchema: { good: [reloaded, { ...reloaded, changes: [] }], bad: [[{ ...reloaded, changes: [{ name: 'RONDO_STALL' }] }, 'changes.0.change']] },
  reloadRefusedSchema: { good: [reloadRefused], bad: [[{ ...reloadRefused, defects: [] }, 'defects']] },
  repairSchema: {
    good: [{}, repair, { timeFormat: 'DD/MM/YYYY HH:mm' }],
    bad: [
      [{ set: { $key: { text: 'x' } } }, 'set.$key'],
      [{ remove: [] }, 'remove'],
      [{ rename: { a: 'b' } }, ''],
    ],
  },
  adminRecordSchema: {
    good: [created, ended, eventPlanned, eventRetired, unplannedSet, replayed, discarded, reloaded, reloadRefused],
    bad: [
      [{ ...ended, kind: 'key-lost' }, 'kind'],
      [{ ...ended, id: '' }, 'id'],
    ],
  },
}
