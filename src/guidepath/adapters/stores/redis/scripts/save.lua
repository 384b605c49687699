-- KEYS rows, known, turn, baton, lane, subjects, due, newest, outbox, said, then a history for each
--   user with events
-- ARGV token, version, number of drafts, events, envelopes and users with messages, then
--   a draft: user, the version it was decided on, subject, due, progress ('' was only read)
--   an event: number of its history, user, id, digest, kind, event
--   an envelope: subject, envelope
--   a user with messages: subject, time of the newest
local rows, known, lane = KEYS[1], KEYS[2], KEYS[5]
local version = ARGV[2]
local drafts = 7
local events = drafts + 5 * tonumber(ARGV[3])
local envelopes = events + 6 * tonumber(ARGV[4])
local heard = envelopes + 2 * tonumber(ARGV[5])

if not admitted(KEYS[3], KEYS[4], ARGV[1]) then return 0 end
for at = drafts, events - 1, 5 do
  if not current(rows, ARGV[at], ARGV[at + 1]) then return 0 end
end
for at = events, envelopes - 1, 6 do
  if redis.call('HEXISTS', known, ARGV[at + 2]) == 1 then return 0 end
end

-- from here on all of it is done: nothing below can be refused
redis.call('HSET', rows, '\0saved', version)
for at = drafts, events - 1, 5 do
  if ARGV[at + 4] ~= '' then put(rows, KEYS[6], KEYS[7], version, unpack(ARGV, at, at + 4)) end
end
if events < envelopes then
  local arrived, messages = tonumber(ARGV[4]), 0
  local seq = redis.call('HINCRBY', rows, '\0seq', arrived) - arrived
  for at = events, envelopes - 1, 6 do
    seq = seq + 1
    redis.call('HSETNX', rows, ARGV[at + 1], '') -- her history is found by her row
    redis.call('HSET', known, ARGV[at + 2], ARGV[at + 3])
    redis.call('RPUSH', KEYS[10 + ARGV[at]], seq .. ':' .. ARGV[at + 5])
    if ARGV[at + 4] ~= 'feedback' then messages = messages + 1 end
  end
  if messages > 0 then
    redis.call('HINCRBY', rows, '\0messages', messages)
    redis.call('HINCRBY', lane, 'messages', messages)
  end
end
for at = envelopes, heard - 1, 2 do
  local position = redis.call('HINCRBY', lane, 'position', 1)
  redis.call('ZADD', KEYS[9], position, ARGV[at + 1])
  redis.call('ZADD', KEYS[10], 0, ARGV[at] .. '\0o' .. position)
end
for at = heard, #ARGV, 2 do
  redis.call('ZADD', KEYS[8], 'GT', ARGV[at + 1], ARGV[at])
end
return 1
