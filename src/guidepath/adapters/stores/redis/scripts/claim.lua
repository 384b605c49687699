-- KEYS cursor, outbox, sinks; ARGV sink, now, end of the lease, lease, how many
local cursor = redis.call('HMGET', KEYS[1], 'position', 'until', 'pause', 'failures')
local now = tonumber(ARGV[2])
if now < tonumber(cursor[2] or 0) or now < tonumber(cursor[3] or 0) then return {} end
local beyond = '(' .. (cursor[1] or 0)
local found =
  redis.call('ZRANGEBYSCORE', KEYS[2], beyond, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[5])
if #found == 0 then return {} end
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('HSET', KEYS[1], 'until', ARGV[3], 'lease', ARGV[4])
return { tonumber(cursor[4] or 0), found }
