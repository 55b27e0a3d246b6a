import type { Change } from '../change.ts'
import type { ReadModel } from '../models/read-model.ts'
import type { ActorStage } from '../read-models.ts'
import { ownFieldsOf, partOf } from './apply-script.ts'
import { actorText, idOf, instantText, type PartitionKeys } from './model-keys.ts'
import { Numbering } from './numbering.ts'

/** How many arguments each change takes, before those of the model. */
const CHANGE_FIELDS = 11

/** Works out which changes are new to the model: the same whatever the model is. */
const changesOfPart = `local KEYS, ARGV, tonumber, insert, unpack, call = KEYS, ARGV, tonumber, table.insert, unpack, redis.call
local state, reached = KEYS[1], KEYS[2]
local field, base, position, outputFields = 'position.' .. ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

-- A model that is kept no more, or is complete, has no such position.
local stored = call('HMGET', state, 'position', field)
if stored[2] ~= base then return end

local function placeOf(stage, since)
  return stage ~= '' and { stage = stage, since = since } or nil
end

-- Of each actor, the seq up to which the model has been made: the feed may hold an output twice.
local seqs = {}
local changes, places = {}, {}
for at = 5, #ARGV, outputFields do
  local actor, seq, kind, stage, since, newStage, newSince, counted, from, to, by = unpack(ARGV, at, at + ${CHANGE_FIELDS - 1})
  local last = seqs[actor] or tonumber(call('HGET', reached, actor) or '0')
  if tonumber(seq) > last then
    seqs[actor] = tonumber(seq)
    local before = placeOf(stage, since)
    local after = before
    if newStage ~= stage or newSince ~= since then after = placeOf(newStage, newSince) end
    local change = { actor = actor, kind = kind, before = before, after = after, counted = nil, from = from, to = to, by = tonumber(by) }
    if counted ~= '' then change.counted = counted end
    insert(changes, change)
    insert(places, at)
  end
end

call('HSET', state, field, position)
for actor, seq in pairs(seqs) do call('HSET', reached, actor, seq) end
`

/**
 * Brings one model that is being rebuilt further by a part of the feed, in one go and only on its base; the histories have been there
 * before. Where it has come to where they are, it is kept with every batch from then on. The first write is one that Redis refuses when it is
 * out of memory; after it, it refuses none.
 *
 * KEYS: state; of each actor the seq that was reached, during the rebuild; the keys of the model; what single outputs change in it.
 *
 * ARGV: the model with its version, base, position, the number of fields of a change; of each change: actor, seq, kind, stage and since
 * before and after or nothing, what is counted or nothing, from, to, by; then for a model with `ofOutput` the number of its key and its
 * arguments.
 */
export function rebuildScript(models: readonly ReadModel[]): string {
  const parts = models.map((model) => {
    const keys = model.redis.keysIn((name) => name).length
    const { part } = partOf(model, { keyAt: 3, fields: CHANGE_FIELDS, ownKeysAfter: 2 + keys })
    return `\nif ARGV[1] == '${idOf(model)}' then\n${part}\nend`
  })
  return `
${changesOfPart}${parts.join('')}
if position ~= stored[1] then return end
call('HDEL', state, field)
call('UNLINK', reached)
`
}

/** A part of the feed for one model. */
export interface RebuildPart {
  readonly base: string
  readonly position: string
  readonly changes: readonly Change[]
}

/** Keys and arguments as {@link rebuildScript} takes them. */
export function rebuildArguments(model: ReadModel, at: PartitionKeys, { base, position, changes }: RebuildPart): { keys: string[]; args: string[] } {
  const names = at.of(model)
  const ownKeys = new Numbering()
  const args = [idOf(model), base, position, String(CHANGE_FIELDS + ownFieldsOf(model))]
  for (const change of changes) {
    args.push(...fieldsOf(change))
    const [key, ...own] = model.redis.ofOutput?.of(change.output, names) ?? []
    if (key !== undefined) args.push(String(ownKeys.of(key)), ...own)
  }
  return { keys: [at.state, at.reached(model), ...model.redis.keysIn(names), ...ownKeys.values], args }
}

function fieldsOf({ output, before, after, counted, by }: Change): string[] {
  const { from, to } = counted ?? output
  const places = [...placeOf(before), ...placeOf(after)]
  return [actorText(output.actor), String(output.seq), output.kind, ...places, counted?.kind ?? '', from, to, String(by)]
}

function placeOf(place: ActorStage | undefined): [stage: string, since: string] {
  return place === undefined ? ['', ''] : [place.stage, instantText(place.since)]
}
