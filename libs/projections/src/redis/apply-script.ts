/** How many arguments each output takes. */
const OUTPUT_FIELDS = 11

/**
 * Applies a batch of a partition's feed, in one go and only on its base. First everything is worked out and checked, then it is written:
 * a script is not rolled back where it fails. (The first write is one that Redis refuses when it is out of memory; after it, it refuses
 * none.) No number here is larger than a count: instants and positions are texts.
 *
 * KEYS: state, stages, days; of each actor its history and effective list; of each day its hours.
 * Where the batch ends at the feed's end, the partition is noted as filled, under the time at which it first was: readers take an answer of
 * none that is not, so that what a Redis has lost is never counted as nothing.
 *
 * ARGV: base, position, whether the feed's end is reached, log time or nothing, number of actors, number of days; the actors; the days; of each output: index of its actor,
 * seq, id, kind, from, to, at, index of its day, hour of the day, what it retracts or nothing, JSON.
 */
export const applyScript = `
local state, stages, days = KEYS[1], KEYS[2], KEYS[3]
local base, position, isEnd, logTime = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local actorCount, dayCount = tonumber(ARGV[5]), tonumber(ARGV[6])

local stored = redis.call('HMGET', state, 'position', 'logTime', 'dropped')
if stored[3] then return {'dropped'} end
if (stored[1] or '0') ~= base then return {'elsewhere', stored[1] or '0'} end

-- What is in effect, newest first: what this batch adds, then what was stored and has not been taken back.
local function newest(actor)
  if #actor.pushed > 0 then return actor.pushed[#actor.pushed] end
  local entry = redis.call('LINDEX', actor.effective, -1 - actor.undone)
  return entry and cjson.decode(entry) or nil
end

local actors = {}
local function actorAt(i)
  if actors[i] then return actors[i] end
  local actor = { text = ARGV[6 + i], history = KEYS[2 + 2 * i], effective = KEYS[3 + 2 * i], added = {}, pushed = {}, undone = 0, taken = {} }
  actor.length = redis.call('LLEN', actor.history)
  actor.before = newest(actor)
  actors[i] = actor
  return actor
end

local flows = {}
local function flow(day, hour, entry, change)
  local field = hour .. '.' .. entry[3] .. '.' .. entry[4] .. '.' .. entry[5]
  flows[day] = flows[day] or {}
  flows[day][field] = (flows[day][field] or 0) + change
end

local function takeBack(actor, entry)
  if #actor.pushed > 0 then table.remove(actor.pushed) else actor.undone = actor.undone + 1 end
  local seq = tonumber(entry[1])
  if seq > actor.length then
    local added = actor.added[seq - actor.length]
    actor.added[seq - actor.length] = '-' .. string.sub(added, 2)
  else
    table.insert(actor.taken, seq)
  end
end

for at = 7 + actorCount + dayCount, #ARGV, ${OUTPUT_FIELDS} do
  local index, seq, id, kind, from, to, since, day, hour, retracts, json = unpack(ARGV, at, at + ${OUTPUT_FIELDS - 1})
  local actor = actorAt(tonumber(index))
  local expected = actor.length + #actor.added + 1
  if tonumber(seq) > expected then return {'refused', id, 'comes where number ' .. expected .. ' of its actor is missing'} end
  if tonumber(seq) == expected then
    local isTransition = kind ~= 'retraction' and kind ~= 'notice'
    local last = not isTransition and newest(actor)
    if kind == 'retraction' then
      if not last or last[2] ~= retracts then return {'refused', id, 'takes back ' .. retracts .. ', which is not the newest in effect'} end
      takeBack(actor, last)
      if last[3] ~= 'notice' then flow(day, hour, last, -1) end
    elseif kind == 'notice' then
      if not last then return {'refused', id, 'gives notice of an actor that is in no stage'} end
      table.insert(actor.pushed, {seq, id, kind, from, last[5], last[6]})
    else
      local entry = {seq, id, kind, from, to, since}
      table.insert(actor.pushed, entry)
      flow(day, hour, entry, 1)
    end
    table.insert(actor.added, '+' .. json)
  end
end

redis.call('HSET', state, 'position', position)
if logTime ~= '' and (not stored[2] or tonumber(stored[2]) < tonumber(logTime)) then redis.call('HSET', state, 'logTime', logTime) end
if isEnd == 'yes' and redis.call('HEXISTS', state, 'filled') == 0 then redis.call('HSET', state, 'filled', table.concat(redis.call('TIME'), '.')) end

local counts = {}
local function move(actor)
  local before, after = actor.before, newest(actor)
  if before and after and before[5] == after[5] and before[6] == after[6] then return end
  if before then
    redis.call('ZREM', stages, before[5] .. '.' .. before[6] .. actor.text)
    counts[before[5]] = (counts[before[5]] or 0) - 1
  end
  if after then
    redis.call('ZADD', stages, 0, after[5] .. '.' .. after[6] .. actor.text)
    counts[after[5]] = (counts[after[5]] or 0) + 1
  end
end

for _, actor in pairs(actors) do
  move(actor)
  for _, seq in ipairs(actor.taken) do
    redis.call('LSET', actor.history, seq - 1, '-' .. string.sub(redis.call('LINDEX', actor.history, seq - 1), 2))
  end
  for _, text in ipairs(actor.added) do redis.call('RPUSH', actor.history, text) end
  if actor.undone > 0 then redis.call('LTRIM', actor.effective, 0, -1 - actor.undone) end
  for _, entry in ipairs(actor.pushed) do redis.call('RPUSH', actor.effective, cjson.encode(entry)) end
end

for stage, change in pairs(counts) do redis.call('HINCRBY', state, 'stage.' .. stage, change) end
for day, fields in pairs(flows) do
  local hours = KEYS[3 + 2 * actorCount + tonumber(day)]
  redis.call('ZADD', days, ARGV[6 + actorCount + tonumber(day)], ARGV[6 + actorCount + tonumber(day)])
  for field, change in pairs(fields) do
    if redis.call('HINCRBY', hours, field, change) == 0 then redis.call('HDEL', hours, field) end
  end
end
return {'applied'}
`

/**
 * Deletes keys of a partition whose generation has been dropped, and none where it was revived meanwhile: a deletion that was asleep would
 * else take what has been filled since.
 *
 * KEYS: state; what to delete.
 */
export const unlinkScript = `
if redis.call('HEXISTS', KEYS[1], 'dropped') == 0 then return 0 end
for i = 2, #KEYS do redis.call('UNLINK', KEYS[i]) end
return #KEYS - 1
`
