import type { ReadModel } from '../models/read-model.ts'
import { UNNOTED } from './kept-models.ts'
import { idOf, PartitionKeys } from './model-keys.ts'

/** How many arguments each output takes, before those of the models. */
const OUTPUT_FIELDS = 9

/** Works out the changes, checks them, and writes the histories: the same whatever the models are. */
const histories = `local KEYS, ARGV, tonumber, insert, unpack, call = KEYS, ARGV, tonumber, table.insert, unpack, redis.call
local encode, decode = cjson.encode, cjson.decode
local state = KEYS[1]
local base, position, isEnd, logTime = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local actorCount = tonumber(ARGV[5])

local stored = call('HMGET', state, 'position', 'logTime', 'dropped', 'models', unpack(behindFields))
local kept = stored[4] or (stored[1] and '${UNNOTED}')
if stored[3] or (kept and kept ~= models) then return {'dropped'} end
if (stored[1] or '0') ~= base then return {'elsewhere', stored[1] or '0'} end

-- What is in effect, newest first: what this batch adds, then what was stored and has not been taken back.
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

-- Where the arguments of the output of each change begin.
local changes, places = {}, {}
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
    insert(places, at)
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
 * Applies a batch of a partition's feed, in one go and only on its base. First everything is worked out and checked, then it is written:
 * a script is not rolled back where it fails. (The first write is one that Redis refuses when it is out of memory; after it, it refuses
 * none.) No number here is larger than a count: instants and positions are texts.
 *
 * The histories of the actors are kept here; from them comes the list of changes that each model's own part is given. A model that is being
 * rebuilt is passed over: it is behind, and comes to the end by {@link rebuildScript}. Where the state keeps other models than these, another
 * release has made it its own, and this one changes nothing any more.
 *
 * Where the batch ends at the feed's end, the partition is noted as filled, under the time at which it first was: readers take an answer of
 * none that is not, so that what a Redis has lost is never counted as nothing.
 *
 * KEYS: state; the keys of each model; of each actor its history and effective list; what single outputs change in the models.
 *
 * ARGV: base, position, whether the feed's end is reached, log time or nothing, number of actors; the actors; of each output: index of its
 * actor, seq, id, kind, from, to, at, what it retracts or nothing, JSON; then for each model with `ofOutput` the number of its key and its
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

/** Where in KEYS and ARGV each model finds what is its own, and its part of the script. */
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

/** How many arguments of each output are a model's own. */
export function ownFieldsOf({ redis }: ReadModel): number {
  return redis.ofOutput === undefined ? 0 : 1 + redis.ofOutput.args
}

interface PartPlace {
  /** Where its keys begin. */
  readonly keyAt: number
  /** How many fields of an output stand before its own. */
  readonly fields: number
  /** Lua for the number of keys before those that are numbered. */
  readonly ownKeysAfter: string | number
}

/** A model's part of a script that has `changes` and, for each, in `places` where its fields begin in ARGV. */
export function partOf({ name, version, redis }: ReadModel, { keyAt, fields, ownKeysAfter }: PartPlace): { readonly keys: number; readonly part: string } {
  const keys = redis.keysIn(new PartitionKeys('', '', 0).of({ name, version })).map((_, i) => `KEYS[${keyAt + i}]`)
  const own = Array.from({ length: redis.ofOutput?.args ?? 0 }, (_, i) => `, ARGV[places[i] + ${fields + 1 + i}]`)
  const ownKey = `KEYS[${ownKeysAfter} + tonumber(ARGV[places[i] + ${fields}])]`
  const ofOutput = redis.ofOutput === undefined ? '' : `local function ofOutput(i) return ${ownKey}${own.join('')} end`
  return { keys: keys.length, part: `local keys = {${keys.join(', ')}}\n${ofOutput}\n${redis.change}` }
}
