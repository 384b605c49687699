-- The next subjects in their order of those that are due: they are kept by time, so a copy without
-- times is put in order.
-- KEYS due, scratch; ARGV time, where to begin, how many
if redis.call('ZCOUNT', KEYS[1], '-inf', ARGV[1]) == 0 then return {} end
redis.call('ZRANGESTORE', KEYS[2], KEYS[1], '-inf', ARGV[1], 'BYSCORE')
redis.call('ZUNIONSTORE', KEYS[2], 1, KEYS[2], 'WEIGHTS', 0)
local found = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[2], '+', 'LIMIT', 0, ARGV[3])
redis.call('DEL', KEYS[2])
return found
