-- KEYS cursor, outbox, said, letters, deaths, then the rows of each account with a dead letter
-- ARGV sink, lease, position or '', now, when to retry or '', reason or '', version, then
--   a dead letter: position, subject, id, number of its rows, why
local cursor = KEYS[1]
local held = redis.call('HMGET', cursor, 'lease', 'failures')
if held[1] ~= ARGV[2] then return {} end
local failures = 0
if ARGV[5] ~= '' then failures = ARGV[3] == '' and tonumber(held[2] or 0) + 1 or 1 end
redis.call('HDEL', cursor, 'lease', 'until', 'pause', 'failures', 'reason')
if ARGV[3] ~= '' then redis.call('HSET', cursor, 'position', ARGV[3]) end
if failures > 0 then
  redis.call('HSET', cursor, 'pause', ARGV[5], 'failures', failures, 'reason', ARGV[6])
end
for at = 8, #ARGV, 5 do
  local envelope = redis.call('ZRANGEBYSCORE', KEYS[2], ARGV[at], ARGV[at])[1]
  if envelope then -- not erased meanwhile
    local id, why = ARGV[at + 2], ARGV[at + 4]
    redis.call('HSET', KEYS[4], id, #why .. ':' .. why .. envelope)
    redis.call('ZADD', KEYS[5], ARGV[4], id)
    redis.call('ZADD', KEYS[3], 0, ARGV[at + 1] .. '\0d' .. ARGV[1] .. '\0' .. id)
    redis.call('HSET', KEYS[5 + ARGV[at + 3]], '\0saved', ARGV[7]) -- an erasure looks again
  end
end
return { failures, tonumber(held[2] or 0) }
