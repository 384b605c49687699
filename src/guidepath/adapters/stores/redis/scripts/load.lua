-- KEYS rows, known, erased; ARGV how many users, how many ids, users, ids, marks
local users, ids = tonumber(ARGV[1]), tonumber(ARGV[2])

local function all(key, first, last)
  local found = {}
  for index = first, last do
    found[#found + 1] = redis.call('HGET', key, ARGV[index])
  end
  return found
end

return {
  all(KEYS[1], 3, users + 2),
  all(KEYS[2], users + 3, users + ids + 2),
  all(KEYS[3], users + ids + 3, #ARGV),
}
