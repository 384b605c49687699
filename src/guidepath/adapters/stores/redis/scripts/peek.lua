-- Whether there is something to claim.
-- KEYS cursor, outbox; ARGV now
local cursor = redis.call('HMGET', KEYS[1], 'position', 'until', 'pause')
local now = tonumber(ARGV[1])
if now < tonumber(cursor[2] or 0) or now < tonumber(cursor[3] or 0) then return 0 end
local last = redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
return tonumber(last or 0) > tonumber(cursor[1] or 0) and 1 or 0
