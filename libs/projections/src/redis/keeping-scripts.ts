import { MODELS_BEFORE_VERSIONS } from './kept-models.ts'
import { COUNTS_IN_STATE } from './model-keys.ts'

/** The value of `position.<model>` while the old keys of the model have to be deleted. */
export const UNCLEARED = 'uncleared'

/**
 * Notes that a partition keeps the models of this release from now on: a release with other models can change nothing there any more. Models
 * that were not kept before have to be made from the feed's beginning. Models that are no longer kept have to be deleted.
 *
 * KEYS: state. ARGV: the kept models as one text; then each model with its version, without the histories.
 */
export const keepScript = `
local state, models = KEYS[1], ARGV[1]
local stored = redis.call('HMGET', state, 'position', 'dropped', 'models')
if stored[2] then return 'dropped' end
local kept = stored[3] or (stored[1] and '${MODELS_BEFORE_VERSIONS}')
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
 * Deletes keys of a partition while a field of its state has a value. Without this check, a deletion that was paused could delete keys that
 * were filled again meanwhile.
 *
 * KEYS: state; the keys to delete. ARGV: the field, its value.
 */
export const unlinkScript = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
for i = 2, #KEYS do redis.call('UNLINK', KEYS[i]) end
return #KEYS - 1
`

/**
 * Notes that the keys of a model are deleted, and deletes the fields of the model in the state.
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
local kept = ' ' .. (redis.call('HGET', state, 'models') or '${MODELS_BEFORE_VERSIONS}') .. ' '
if string.find(kept, ' ' .. id .. ' ', 1, true) then redis.call('HSET', state, field, '0') else redis.call('HDEL', state, field) end
`

/**
 * Shows a generation, unless the current one has a later turn. A generation that was shown without a turn is always replaced.
 *
 * KEYS: the key of the current generation. ARGV: its new value; the turn or ''.
 */
export const switchScript = `
local shown = redis.call('GET', KEYS[1])
local turn = shown and cjson.decode(shown).turn
if turn and ARGV[2] ~= '' and turn > tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1
`
