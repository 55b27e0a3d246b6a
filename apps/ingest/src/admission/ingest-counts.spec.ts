import { describe, expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import type { ActivityEvent } from '#contracts'
import { IngestCounts } from './ingest-counts.ts'

const at = '2026-01-01T00:00:00.000Z'
const event = (id: string, name: string, actor: string): ActivityEvent => ({
  id,
  type: 'track',
  event: name,
  actor: { type: 'user', id: actor },
  time: at,
  receivedAt: at,
})

describe('incoming events', () => {
  it('are counted as suspicious if the actor id is a missing id, or if the actor used the id for another event', async () => {
    const registry = new Registry()
    const counts = new IngestCounts(registry)
    counts.taken({ events: [event('1', 'A', 'null'), event('2', 'A', '   '), event('3', 'A', 'u')], quarantine: [] })
    counts.taken({ events: [event('1', 'A', 'null'), event('3', 'B', 'u'), event('3', 'A', 'v'), event('3', 'A', 'u')], quarantine: [] })
    const lines = (await registry.metrics()).split('\n')
    expect(lines.filter((line) => /^rondo_event(s_suspicious|_id_clashes).* [1-9]/.test(line))).toEqual([
      'rondo_events_suspicious_total{actor="null"} 2',
      'rondo_events_suspicious_total{actor="blank"} 1',
      'rondo_event_id_clashes_total 1',
    ])
  })
})
