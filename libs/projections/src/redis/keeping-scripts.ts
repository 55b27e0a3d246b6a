import { UNNOTED } from './kept-models.ts'
import { COUNTS_IN_STATE } from './model-keys.ts'

/** What the state says in the place of a position where the keys of a model have to be deleted first. */
export const UNCLEARED = 'uncleared'

/**
 * Notes that this release's models are kept in a partition from now on, so that a release with others changes nothing there any more. Those
 * that were not kept are to be made from the feed's beginning, and what is kept no more is to be deleted.
 *
 * KEYS: state. ARGV: the kept models as a text, then each of them with its version, but for the histories.
 */
export const keepScript = `
local state, models = KEYS[1], ARGV[1]
local stored = redis.call('HMGET', state, 'position', 'dropped', 'models')
if stored[2] then return 'dropped' end
local kept = stored[3] or (stored[1] and '${UNNOTED}')
if kept == models then return 'kept' end
redis.call('HSET', state, 'models', models)
if not stored[1] then return 'kept' end
local was, is = {}, {}
for id in string.gmatch(kept, '%S+') do was[id] = true end
for i = 2, #ARGV do
  local field = 'position.' .. ARGV[i]
  is[ARGV[i]] = true
  if not was[ARGV[i]] and not redis.call('HGET', state, field) then redis.call('HSET', state, field, '0') end
end
for id in pairs(was) do
  if not is[id] and string.sub(id, 1, 10) ~= 'histories@' then redis.call('HSET', state, 'position.' .. id, '${UNCLEARED}') end
end
return 'kept'
`

/**
 * Deletes keys of a partition as long as a field of its state says so: a deletion that was asleep would else take what has been filled since.
 *
 * KEYS: state; what to delete. ARGV: the field, its value.
 */
export const unlinkScript = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
for i = 2, #KEYS do redis.call('UNLINK', KEYS[i]) end
return #KEYS - 1
`

/**
 * Notes that the keys of a model are deleted, and deletes what of it lies in the state.
 *
 * KEYS: state. ARGV: the model with its version.
 */
export const clearedScript = `
local state, id = KEYS[1], ARGV[1]
local field = 'position.' .. id
if redis.call('HGET', state, field) ~= '${UNCLEARED}' then return end
if id == '${COUNTS_IN_STATE}' then
  for _, name in ipairs(redis.call('HKEYS', state)) do
    if string.sub(name, 1, 6) == 'stage.' then redis.call('HDEL', state, name) end
  end
end
local kept = ' ' .. (redis.call('HGET', state, 'models') or '${UNNOTED}') .. ' '
if string.find(kept, ' ' .. id .. ' ', 1, true) then redis.call('HSET', state, field, '0') else redis.call('HDEL', state, field) end
`

/**
 * Shows a generation, unless the one that is shown has a later turn. A generation that was shown without a turn has none.
 *
 * KEYS: what says which is shown. ARGV: what it is to say, the turn or nothing.
 */
export const switchScript = `
local shown = redis.call('GET', KEYS[1])
local turn = shown and cjson.decode(shown).turn
if turn and ARGV[2] ~= '' and turn > tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1
`
