-- KEYS turn, baton; ARGV token
if redis.call('GET', KEYS[1]) == ARGV[1] then given_back(KEYS[1], KEYS[2]) end
return 1
