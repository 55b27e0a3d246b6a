import type { ReadModel } from './read-model.ts'

/** The actors in each stage, by time of entry. */
export const stageMembers: ReadModel = {
  name: 'stage-members',
  version: 1,
  sqlite: {
    objects: ['actors_by_stage'],
    schema: 'CREATE INDEX actors_by_stage ON actors (stage, since, actor_type, actor_id)',
  },
  redis: {
    // A sorted set whose members, `<stage>.<since><actor>`, are ordered by their bytes.
    keysIn: (key) => [key('members')],
    // Only the stage of each actor before the batch and the stage after it are needed: the stages between them change nothing.
    change: `
local first, last = {}, {}
for i = 1, #changes do
  local change = changes[i]
  local actor = change.actor
  if first[actor] == nil then first[actor] = change.before or false end
  last[actor] = change.after
end
local removed, added = {}, {}
for actor, before in pairs(first) do
  local after = last[actor]
  if not (before and after and before.stage == after.stage and before.since == after.since) then
    if before then insert(removed, before.stage .. '.' .. before.since .. actor) end
    if after then
      insert(added, 0)
      insert(added, after.stage .. '.' .. after.since .. actor)
    end
  end
end
if #removed > 0 then call('ZREM', keys[1], unpack(removed)) end
if #added > 0 then call('ZADD', keys[1], unpack(added)) end`,
  },
}
