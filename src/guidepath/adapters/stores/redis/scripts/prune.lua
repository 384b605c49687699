-- Drop some events of one history, which the caller has looked at.
-- KEYS rows, known, lane, history; ARGV the last pruning or '', version, minus the messages among
--   them, time of the newest message or '', then place and id of each event, in order
if (redis.call('HGET', KEYS[1], '\0pruned') or '') ~= ARGV[1] then return 0 end
if redis.call('LLEN', KEYS[4]) <= tonumber(ARGV[#ARGV - 1]) then return 0 end -- erased meanwhile
for at = 5, #ARGV, 2 do
  redis.call('LSET', KEYS[4], ARGV[at], '')
  redis.call('HDEL', KEYS[2], ARGV[at + 1])
end
redis.call('LREM', KEYS[4], 0, '')
redis.call('HSET', KEYS[1], '\0pruned', ARGV[2], '\0saved', ARGV[2]) -- an erasure looks again
redis.call('HINCRBY', KEYS[1], '\0messages', ARGV[3])
if ARGV[4] ~= '' then
  local before = redis.call('HGET', KEYS[3], 'pruned')
  if not before or tonumber(before) < tonumber(ARGV[4]) then
    redis.call('HSET', KEYS[3], 'pruned', ARGV[4])
  end
end
return 1
