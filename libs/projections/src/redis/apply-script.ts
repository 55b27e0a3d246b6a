import type { ReadModel } from '../models/read-model.ts'
import { MODELS_BEFORE_VERSIONS } from './kept-models.ts'
import { idOf, PartitionKeys } from './model-keys.ts'

/** The number of arguments of each output, without the arguments of the models, which follow. */
const OUTPUT_FIELDS = 9

/** Computes the changes, checks them, and writes the histories. This part does not depend on the models. */
const histories = `local KEYS, ARGV, tonumber, insert, unpack, call = KEYS, ARGV, tonumber, table.insert, unpack, redis.call
local encode, decode = cjson.encode, cjson.decode
local state = KEYS[1]
local base, position, isEnd, logTime = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local actorCount = tonumber(ARGV[5])

local stored = call('HMGET', state, 'position', 'logTime', 'dropped', 'models', unpack(behindFields))
local kept = stored[4] or (stored[1] and '${MODELS_BEFORE_VERSIONS}')
if stored[3] or (kept and kept ~= models) then return {'dropped'} end
if (stored[1] or '0') ~= base then return {'elsewhere', stored[1] or '0'} end

-- The newest output in effect: of this batch, else the newest stored one that was not retracted.
local function newest(actor)
  if #actor.pushed > 0 then return actor.pushed[#actor.pushed] end
  local entry = call('LINDEX', actor.effective, -1 - actor.undone)
  return entry and decode(entry) or nil
end

local function stageOf(entry)
  return entry and { stage = entry[5], since = entry[6] } or nil
end

local actors = {}
local function actorAt(i)
  if actors[i] then return actors[i] end
  local at = actorKeysAt + 2 * i
  local history, effective = KEYS[at - 2], KEYS[at - 1]
  local length = call('LLEN', history)
  -- All fields are named at once: a table that grows costs more.
  local actor = {
    text = ARGV[5 + i], history = history, effective = effective, length = length, last = nil, stage = nil,
    added = {}, pushed = {}, undone = 0, taken = {}
  }
  actor.last = newest(actor)
  actor.stage = stageOf(actor.last)
  actors[i] = actor
  return actor
end

local function push(actor, entry)
  insert(actor.pushed, entry)
  actor.last = entry
end

local function takeBack(actor)
  local seq = tonumber(actor.last[1])
  if #actor.pushed > 0 then table.remove(actor.pushed) else actor.undone = actor.undone + 1 end
  if seq > actor.length then
    local added = actor.added[seq - actor.length]
    actor.added[seq - actor.length] = '-' .. string.sub(added, 2)
  else
    insert(actor.taken, seq)
  end
  actor.last = newest(actor)
  actor.stage = stageOf(actor.last)
end

-- starts: for each change, the index in ARGV of the first argument of its output.
local changes, starts = {}, {}
for at = 6 + actorCount, #ARGV, outputFields do
  local index, seq, id, kind, from, to, since, retracts, json = unpack(ARGV, at, at + ${OUTPUT_FIELDS - 1})
  local actor = actorAt(tonumber(index))
  local expected, number = actor.length + #actor.added + 1, tonumber(seq)
  if number > expected then return {'refused', id, 'comes where number ' .. expected .. ' of its actor is missing'} end
  if number == expected then
    local last = actor.last
    -- No more than eight fields, as they fit into a table of that size.
    local change = { actor = actor.text, kind = kind, before = actor.stage, after = actor.stage, counted = nil, from = from, to = to, by = 1 }
    if kind == 'retraction' then
      if not last or last[2] ~= retracts then return {'refused', id, 'takes back ' .. retracts .. ', which is not the newest in effect'} end
      takeBack(actor)
      if last[3] ~= 'notice' then
        change.counted, change.from, change.to, change.after = last[3], last[4], last[5], actor.stage
      end
      change.by = -1
    elseif kind == 'notice' then
      if not last then return {'refused', id, 'gives notice of an actor that is in no stage'} end
      push(actor, {seq, id, kind, from, last[5], last[6]})
    else
      push(actor, {seq, id, kind, from, to, since})
      actor.stage = { stage = to, since = since }
      change.counted, change.after = kind, actor.stage
    end
    insert(changes, change)
    insert(starts, at)
    insert(actor.added, '+' .. json)
  end
end

if kept then call('HSET', state, 'position', position) else call('HSET', state, 'position', position, 'models', models) end
if logTime ~= '' and (not stored[2] or tonumber(stored[2]) < tonumber(logTime)) then call('HSET', state, 'logTime', logTime) end
if isEnd == 'yes' and call('HEXISTS', state, 'filled') == 0 then call('HSET', state, 'filled', table.concat(call('TIME'), '.')) end

for _, actor in pairs(actors) do
  for _, seq in ipairs(actor.taken) do
    call('LSET', actor.history, seq - 1, '-' .. string.sub(call('LINDEX', actor.history, seq - 1), 2))
  end
  if #actor.added > 0 then call('RPUSH', actor.history, unpack(actor.added)) end
  if actor.undone > 0 then call('LTRIM', actor.effective, 0, -1 - actor.undone) end
  for i = 1, #actor.pushed do actor.pushed[i] = encode(actor.pushed[i]) end
  if #actor.pushed > 0 then call('RPUSH', actor.effective, unpack(actor.pushed)) end
end
`

/**
 * Applies a batch of a partition's feed as a whole, and only on its base. It first computes and checks everything, then writes: Redis does not
 * roll back a script that fails. (If Redis is out of memory it refuses the first write; it refuses no later write of the script.) Instants
 * and positions are texts, because the numbers of Lua would round them.
 *
 * The script updates the histories of the actors, and computes from them the changes that it passes to each model. It skips a model that is
 * being rebuilt, which {@link rebuildScript} updates. If the state keeps other models, another release has taken over the generation, and
 * the script changes nothing.
 *
 * When a batch reaches the feed's end for the first time, the script stores the time in `filled`. Readers accept no answer of a partition
 * without it, so that data which Redis has lost are never counted as zero.
 *
 * KEYS: state; the keys of each model; for each actor its history and its effective list; the keys that single outputs change in the models.
 *
 * ARGV: base, position, whether the feed's end is reached, log time or '', number of actors; the actors; for each output: index of its
 * actor, seq, id, kind, from, to, at, the id that it retracts or '', JSON; then for each model with `ofOutput` the number of its key and its
 * arguments.
 */
export function applyScript(models: readonly ReadModel[], kept: string): string {
  const shape = shapeOf(models)
  const behindFields = models.map((model) => `'position.${idOf(model)}'`).join(', ')
  return `
local models, behindFields = '${kept}', {${behindFields}}
local actorKeysAt, outputFields = ${shape.actorKeysAt}, ${shape.fields}
${histories}${shape.parts.map((part, i) => `\nif not stored[${5 + i}] then\n${part}\nend`).join('')}
return {'applied'}
`
}

/** The layout of KEYS and ARGV, and each model's part of the script. */
function shapeOf(models: readonly ReadModel[]): { readonly actorKeysAt: number; readonly fields: number; readonly parts: readonly string[] } {
  const parts: string[] = []
  let keyAt = 2
  let fields = OUTPUT_FIELDS
  for (const model of models) {
    const { keys, part } = partOf(model, { keyAt, fields, ownKeysAfter: 'actorKeysAt - 1 + 2 * actorCount' })
    parts.push(part)
    keyAt += keys
    fields += ownFieldsOf(model)
  }
  return { actorKeysAt: keyAt, fields, parts }
}

/** The number of arguments that each output has for one model. */
export function ownFieldsOf({ redis }: ReadModel): number {
  return redis.ofOutput === undefined ? 0 : 1 + redis.ofOutput.args
}

/** Where a model's keys and arguments are in those of the script. */
interface PartLayout {
  /** The index of the model's first key in KEYS. */
  readonly keyAt: number
  /** The number of fields of an output before the model's fields. */
  readonly fields: number
  /** Lua for the number of keys before the keys of `ofOutput`, which are found by number. */
  readonly ownKeysAfter: string | number
}

/** A model's part of a script. The script defines `changes` and, for each change, `starts`: the index of its first field in ARGV. */
export function partOf({ name, version, redis }: ReadModel, { keyAt, fields, ownKeysAfter }: PartLayout): { readonly keys: number; readonly part: string } {
  const keys = redis.keysIn(new PartitionKeys('', '', 0).keyNamesOf({ name, version })).map((_, i) => `KEYS[${keyAt + i}]`)
  const own = Array.from({ length: redis.ofOutput?.args ?? 0 }, (_, i) => `, ARGV[starts[i] + ${fields + 1 + i}]`)
  const ownKey = `KEYS[${ownKeysAfter} + tonumber(ARGV[starts[i] + ${fields}])]`
  const ofOutput = redis.ofOutput === undefined ? '' : `local function ofOutput(i) return ${ownKey}${own.join('')} end`
  return { keys: keys.length, part: `local keys = {${keys.join(', ')}}\n${ofOutput}\n${redis.change}` }
}
