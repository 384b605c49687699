-- KEYS turn, baton; ARGV token, milliseconds, whether the baton was handed over
if taken(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3] == '1') then return 1 end
return 0
