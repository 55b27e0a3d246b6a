import type { ReadModel } from './read-model.ts'

/** The number of actors in each stage. */
export const stageCounts: ReadModel = {
  name: 'stage-counts',
  version: 1,
  sqlite: {
    objects: ['stage_counts'],
    schema: 'CREATE TABLE stage_counts (stage TEXT PRIMARY KEY, actors INTEGER NOT NULL) STRICT',
    prepare(tables) {
      const count = tables.prepare('INSERT INTO stage_counts (stage, actors) VALUES (?, ?) ON CONFLICT DO UPDATE SET actors = actors + excluded.actors')
      return (changes) => {
        const sums = new Map<string, number>()
        const add = (stage: string | undefined, by: number): void => {
          if (stage !== undefined) sums.set(stage, (sums.get(stage) ?? 0) + by)
        }
        // The actor is subtracted from the stage in which it was, not from the transition's `from`: so the counts always add up to the number of actors.
        for (const { before, after } of changes) {
          add(before?.stage, -1)
          add(after?.stage, 1)
        }
        for (const [stage, change] of sums) if (change !== 0) count.run(stage, change)
      }
    },
  },
  redis: {
    // A hash with a field `stage.<id>` for each stage: the number of its actors.
    keysIn: (key) => [key('actors')],
    change: `
local sums = {}
for i = 1, #changes do
  local before, after = changes[i].before, changes[i].after
  if before ~= after then
    if before then sums[before.stage] = (sums[before.stage] or 0) - 1 end
    if after then sums[after.stage] = (sums[after.stage] or 0) + 1 end
  end
end
for stage, sum in pairs(sums) do
  if sum ~= 0 then call('HINCRBY', keys[1], 'stage.' .. stage, sum) end
end`,
  },
}
