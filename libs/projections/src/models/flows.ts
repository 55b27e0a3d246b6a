import { FlowChanges } from '../flow-changes.ts'
import type { ReadModel } from './read-model.ts'

/** How many transitions of each kind were in effect from one stage to another, by the hour of their `at`. */
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
}
