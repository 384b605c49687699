-- KEYS outbox, said; ARGV position and entry of each envelope
local dropped = 0
for at = 1, #ARGV, 2 do
  dropped = dropped + redis.call('ZREMRANGEBYSCORE', KEYS[1], ARGV[at], ARGV[at])
  redis.call('ZREM', KEYS[2], ARGV[at + 1])
end
return dropped
