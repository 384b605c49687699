-- KEYS cursor, letters, deaths, sinks, said; ARGV sink, entries of its dead letters
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
redis.call('SREM', KEYS[4], ARGV[1])
for at = 2, #ARGV do redis.call('ZREM', KEYS[5], ARGV[at]) end
return 1
