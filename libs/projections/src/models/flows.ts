import { type Instant, instantOf } from '#contracts'
import { FlowChanges } from '../flow-changes.ts'
import type { ReadModel } from './read-model.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The number of the UTC day of an instant, counted from 1970-01-01. */
export function dayOf(at: Instant): number {
  return Math.floor(at / DAY_MS)
}

/** The number of effective transitions of each kind from one stage to another, by the hour of their `at`. */
export const flows: ReadModel = {
  name: 'flows',
  version: 1,
  sqlite: {
    objects: ['flows'],
    schema: `CREATE TABLE flows (
      hour INTEGER NOT NULL,
      kind TEXT NOT NULL,
      from_stage TEXT NOT NULL,
      to_stage TEXT NOT NULL,
      transitions INTEGER NOT NULL,
      PRIMARY KEY (hour, kind, from_stage, to_stage)
    ) STRICT, WITHOUT ROWID`,
    prepare(tables) {
      const add = tables.prepare(`INSERT INTO flows (hour, kind, from_stage, to_stage, transitions) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET transitions = transitions + excluded.transitions`)
      return (changes) => {
        const sums = new FlowChanges()
        for (const { counted, by } of changes) if (counted !== undefined) sums.add(counted, by)
        for (const { hour, kind, from, to, transitions } of sums) if (transitions !== 0) add.run(hour, kind, from, to, transitions)
      }
    },
  },
  redis: {
    // A sorted set of the numbers of the days that have flows. For each day a hash with the fields `<hour of the day>.<kind>.<from>.<to>`.
    keysIn: (key) => [key('days')],
    // A retraction has the `at` of the output that it retracts.
    ofOutput: {
      args: 1,
      of: (output, key) => {
        const instant = instantOf(output.at)
        const day = dayOf(instant)
        const hour = Math.floor(instant / HOUR_MS) - day * 24
        return [key('hours', day), String(hour).padStart(2, '0')]
      },
    },
    change: `
local flows = {}
for i = 1, #changes do
  local change = changes[i]
  if change.counted then
    local hours, hour = ofOutput(i)
    local field = hour .. '.' .. change.counted .. '.' .. change.from .. '.' .. change.to
    local sums = flows[hours]
    if not sums then
      sums = {}
      flows[hours] = sums
    end
    sums[field] = (sums[field] or 0) + change.by
  end
end
for hours, sums in pairs(flows) do
  local day = string.match(hours, '[^:]*$')
  call('ZADD', keys[1], day, day)
  local fields, kept, empty = {}, {}, {}
  for field in pairs(sums) do insert(fields, field) end
  local stored = call('HMGET', hours, unpack(fields))
  for i = 1, #fields do
    local field = fields[i]
    local sum = (stored[i] or 0) + sums[field]
    if sum == 0 then
      insert(empty, field)
    else
      insert(kept, field)
      insert(kept, sum)
    end
  end
  if #kept > 0 then call('HSET', hours, unpack(kept)) end
  if #empty > 0 then call('HDEL', hours, unpack(empty)) end
end`,
  },
}
