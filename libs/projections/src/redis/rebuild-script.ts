import type { Change } from '../change.ts'
import type { ReadModel } from '../models/read-model.ts'
import type { ActorStage } from '../read-models.ts'
import { ownFieldsOf, partOf } from './apply-script.ts'
import { actorText, idOf, instantText, type PartitionKeys } from './model-keys.ts'
import { Numbering } from './numbering.ts'

/** The number of arguments of each change, without the arguments of the model, which follow. */
const CHANGE_FIELDS = 11

/** Selects the changes that the model does not have yet. This part does not depend on the model. */
const changesOfPart = `local KEYS, ARGV, tonumber, insert, unpack, call = KEYS, ARGV, tonumber, table.insert, unpack, redis.call
local state, reached = KEYS[1], KEYS[2]
local field, base, position, outputFields = 'position.' .. ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

-- A model that is complete or no longer kept does not have this position.
local stored = call('HMGET', state, 'position', field)
if stored[2] ~= base then return end

local function stageOf(stage, since)
  return stage ~= '' and { stage = stage, since = since } or nil
end

-- For each actor, the seq up to which the model has been made: the feed may contain an output twice.
local seqs = {}
-- starts: for each change, the index of its first field in ARGV.
local changes, starts = {}, {}
for at = 5, #ARGV, outputFields do
  local actor, seq, kind, stage, since, newStage, newSince, counted, from, to, by = unpack(ARGV, at, at + ${CHANGE_FIELDS - 1})
  local last = seqs[actor] or tonumber(call('HGET', reached, actor) or '0')
  if tonumber(seq) > last then
    seqs[actor] = tonumber(seq)
    local before = stageOf(stage, since)
    local after = before
    if newStage ~= stage or newSince ~= since then after = stageOf(newStage, newSince) end
    local change = { actor = actor, kind = kind, before = before, after = after, counted = nil, from = from, to = to, by = tonumber(by) }
    if counted ~= '' then change.counted = counted end
    insert(changes, change)
    insert(starts, at)
  end
end

call('HSET', state, field, position)
for actor, seq in pairs(seqs) do call('HSET', reached, actor, seq) end
`

/**
 * Applies a part of the feed to one model that is being rebuilt, as a whole and only on its base. The histories already contain this part.
 * When the model has reached the position of the histories, every batch updates it from then on. If Redis is out of memory it refuses the
 * first write; it refuses no later write of the script.
 *
 * KEYS: state; a hash with the seq that was reached, by actor; the keys of the model; the keys that single outputs change in it.
 *
 * ARGV: the model with its version, base, position, the number of fields of a change; for each change: actor, seq, kind, stage and since
 * before it, stage and since after it ('' for no stage), the kind of the counted transition or '', from, to, by; then for a model with
 * `ofOutput` the number of its key and its arguments.
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

/** The keys and arguments of {@link rebuildScript}. */
export function rebuildArguments(model: ReadModel, at: PartitionKeys, { base, position, changes }: RebuildPart): { keys: string[]; args: string[] } {
  const names = at.keyNamesOf(model)
  const ownKeys = new Numbering()
  const args = [idOf(model), base, position, String(CHANGE_FIELDS + ownFieldsOf(model))]
  for (const change of changes) {
    args.push(...fieldsOf(change))
    const [key, ...own] = model.redis.ofOutput?.of(change.output, names) ?? []
    if (key !== undefined) args.push(String(ownKeys.numberOf(key)), ...own)
  }
  return { keys: [at.state, at.rebuiltSeqs(model), ...model.redis.keysIn(names), ...ownKeys.values], args }
}

function fieldsOf({ output, before, after, counted, by }: Change): string[] {
  const { from, to } = counted ?? output
  const stages = [...stageFields(before), ...stageFields(after)]
  return [actorText(output.actor), String(output.seq), output.kind, ...stages, counted?.kind ?? '', from, to, String(by)]
}

function stageFields(stage: ActorStage | undefined): [stage: string, since: string] {
  return stage === undefined ? ['', ''] : [stage.stage, instantText(stage.since)]
}
