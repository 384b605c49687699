-- What waits in a lane for each of some sinks.
-- KEYS outbox, then cursor and deaths of each sink
local queues = {}
for at = 2, #KEYS, 2 do
  local cursor = redis.call('HMGET', KEYS[at], 'position', 'failures', 'pause', 'reason')
  local beyond = '(' .. (cursor[1] or 0)
  local oldest = redis.call('ZRANGEBYSCORE', KEYS[1], beyond, '+inf', 'LIMIT', 0, 1)[1]
  queues[#queues + 1] = {
    redis.call('ZCOUNT', KEYS[1], beyond, '+inf'),
    oldest and string.match(oldest, '^[-%d]+') or '',
    cursor[2] or '0',
    cursor[3] or '',
    cursor[4] or '',
    redis.call('ZCARD', KEYS[at + 1]),
  }
end
return queues
