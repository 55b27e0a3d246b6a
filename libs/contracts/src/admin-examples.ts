import type { Examples } from './example.ts'

const at = '2026-03-01T12:00:00.000Z'
const key = { id: '4f1d2c3b4a59', role: 'admin', name: 'operations', hash: 'ab'.repeat(32) }
const writeKey = { ...key, role: 'write', source: 'shop', environment: 'production', origins: ['https://shop.example'], eventsPerSecond: 500, expiresAt: at }
const created = { kind: 'key-created', at, by: 'start', key }
const ended = { kind: 'key-ended', at, by: '0a1b2c3d4e5f', id: key.id, endsAt: at }

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
  adminRecordSchema: {
    good: [created, ended],
    bad: [
      [{ ...ended, kind: 'key-lost' }, 'kind'],
      [{ ...ended, id: '' }, 'id'],
    ],
  },
}
