-- Whose turn it is to write in an account. The key `turn` holds a token and expires; `next` there
-- means that the turn was given back and belongs to whoever takes the one element of `baton`,
-- which Redis hands to those who wait in the order in which they came.

local function taken(turn, baton, token, kept, handed)
  local holder = redis.call('GET', turn)
  if holder and holder ~= token then
    if holder ~= 'next' then return false end
    if not handed and not redis.call('LPOP', baton) then return false end
  end
  redis.call('SET', turn, token, 'PX', kept)
  return true
end

local function given_back(turn, baton)
  redis.call('SET', turn, 'next', 'PX', 200)
  redis.call('DEL', baton)
  redis.call('RPUSH', baton, '1')
  redis.call('PEXPIRE', baton, 200)
end

-- Whether the bearer of the token may write now; the turn that was hers ends with it.
local function admitted(turn, baton, token)
  local holder = redis.call('GET', turn)
  if not holder then return true end
  if holder == token then
    given_back(turn, baton)
    return true
  end
  return holder == 'next' and redis.call('LLEN', baton) == 1 -- nobody waits for it
end

-- Whether a subject's row still has the version that a draft was decided on; '' is no row.
local function current(rows, user, expected)
  local row = redis.call('HGET', rows, user)
  if expected == '' then return not row or row == '' end
  return row and string.sub(row, 1, #expected) == expected
end

-- Write a draft: its row, and where it stands among the subjects and among those who wait.
local function put(rows, subjects, due, version, user, expected, subject, at, progress)
  redis.call('HSET', rows, user, version .. ':' .. progress)
  if expected == '' then redis.call('ZADD', subjects, 0, subject) end
  if at ~= '' then
    redis.call('ZADD', due, at, subject)
  elseif expected ~= '' then
    redis.call('ZREM', due, subject)
  end
end
