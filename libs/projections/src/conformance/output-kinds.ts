import type { ReadModel } from '../models/read-model.ts'

/** The number of outputs of each kind: a read model for tests only, which shows that one file and one line in a list are enough. */
export const outputKinds: ReadModel = {
  name: 'output-kinds',
  version: 1,
  sqlite: {
    objects: ['kinds'],
    schema: 'CREATE TABLE kinds (kind TEXT PRIMARY KEY, outputs INTEGER NOT NULL) STRICT',
    prepare(tables) {
      const add = tables.prepare('INSERT INTO kinds (kind, outputs) VALUES (?, 1) ON CONFLICT DO UPDATE SET outputs = outputs + 1')
      return (changes) => {
        for (const { output } of changes) add.run(output.kind)
      }
    },
  },
  redis: {
    keysIn: (key) => [key('kinds')],
    ofOutput: { args: 1, of: ({ actor }, key) => [key('kinds-of', actor.type), actor.type] },
    change: `
for i, change in ipairs(changes) do
  local ofType, type = ofOutput(i)
  call('HINCRBY', keys[1], change.kind, 1)
  call('HINCRBY', ofType, type .. '.' .. change.kind, 1)
end`,
  },
}
