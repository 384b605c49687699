-- Forget what the caller has found of a subject, as long as nothing was saved since.
-- KEYS rows, known, turn, baton, lane, subjects, due, newest, outbox, said, erased, letters and
--   deaths of each sink, history of each user
-- ARGV token, what was saved last, mark, time, 1 for a whole account, minus her messages,
--   version,
--   then the numbers of: sinks, users, ids, entries, positions, letters, envelopes put in another's
--   place, letters put in another's place, drafts; then those
local rows, known, lane = KEYS[1], KEYS[2], KEYS[5]
if not admitted(KEYS[3], KEYS[4], ARGV[1]) then return 0 end
if (redis.call('HGET', rows, '\0saved') or '') ~= ARGV[2] then return 0 end

local whole = ARGV[5] == '1'
local next_one = 17
local function each(number, size, act)
  for _ = 1, tonumber(ARGV[7 + number]) do
    act(unpack(ARGV, next_one, next_one + size - 1))
    next_one = next_one + size
  end
end

-- the draft comes last: it is checked before anything is done
local draft = tonumber(ARGV[16]) > 0 and #ARGV - 4
if draft and not current(rows, ARGV[draft], ARGV[draft + 1]) then return -1 end

local sinks = tonumber(ARGV[8])
for at = 12 + 2 * sinks, #KEYS do redis.call('UNLINK', KEYS[at]) end
each(2, 2, function(user, subject)
  redis.call('HDEL', rows, user)
  redis.call('ZREM', KEYS[6], subject)
  redis.call('ZREM', KEYS[7], subject)
  redis.call('ZREM', KEYS[8], subject)
end)
each(3, 1, function(id) redis.call('HDEL', known, id) end)
each(4, 1, function(entry) redis.call('ZREM', KEYS[10], entry) end)
each(5, 1, function(position) redis.call('ZREMRANGEBYSCORE', KEYS[9], position, position) end)
each(6, 2, function(sink, id)
  redis.call('HDEL', KEYS[10 + 2 * sink], id)
  redis.call('ZREM', KEYS[11 + 2 * sink], id)
end)
each(7, 2, function(position, envelope)
  if redis.call('ZREMRANGEBYSCORE', KEYS[9], position, position) == 1 then
    redis.call('ZADD', KEYS[9], position, envelope)
  end
end)
each(8, 3, function(sink, id, letter)
  if redis.call('HEXISTS', KEYS[10 + 2 * sink], id) == 1 then
    redis.call('HSET', KEYS[10 + 2 * sink], id, letter)
  end
end)
if whole then
  local messages = redis.call('HGET', rows, '\0messages')
  if messages and messages ~= '0' then redis.call('HINCRBY', lane, 'messages', '-' .. messages) end
elseif ARGV[6] ~= '0' then
  redis.call('HINCRBY', lane, 'messages', ARGV[6])
  redis.call('HINCRBY', rows, '\0messages', ARGV[6])
end
local counters = 0
for _, field in ipairs({ '\0saved', '\0seq', '\0messages', '\0pruned' }) do
  counters = counters + redis.call('HEXISTS', rows, field)
end
local nobody = redis.call('HLEN', rows) == counters
if whole or nobody and not draft then
  redis.call('UNLINK', rows, known)
elseif ARGV[2] ~= '' then
  redis.call('HSET', rows, '\0saved', ARGV[7])
end
if draft then
  put(rows, KEYS[6], KEYS[7], ARGV[7], unpack(ARGV, draft, draft + 4))
end
local before = redis.call('HGET', KEYS[11], ARGV[3])
if not before or tonumber(before) < tonumber(ARGV[4]) then
  redis.call('HSET', KEYS[11], ARGV[3], ARGV[4])
end
return 1
