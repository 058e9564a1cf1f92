/*
 * What changes the records of jobs in a queue server, as scripts, each of which happens as a whole or not at all. The key is the prefix
 * of all names: `job:ID` a record, `keys` the identifiers by owner and idempotency key, `owner:OWNER`, `status:STATUS` and `expires` the
 * identifiers in order. Of a job that consists of others `family:ID` has these, `family:ID:STATUS` those of one status, and
 * `family:ID:rounds` those that have not ended by their rounds; the job itself is in no `status:STATUS`, since nobody works on it, and
 * those that it consists of have no owner's list and no expiry. `turns:queued` and `turns:running` have jobs by their turns, and
 * `turns:owner:OWNER` those that wait and are no parts.
 */
const begin = `
local prefix = KEYS[1]
local statuses = { 'queued', 'running', 'done', 'failed', 'cancelled' }
local function record(id) return prefix .. 'job:' .. id end
local function family(id) return prefix .. 'family:' .. id end
local function number(id, status) return redis.call('ZCARD', family(id) .. ':' .. status) end
local function fields(id)
  local found = redis.call('HGETALL', record(id))
  if redis.call('HEXISTS', record(id), 'children') == 1 then
    for _, status in ipairs(statuses) do
      table.insert(found, 'number:' .. status)
      table.insert(found, number(id, status))
    end
  end
  return found
end
local function score(key, from)
  return tonumber(redis.call('ZRANGE', key, from, from, 'WITHSCORES')[2])
end
local function keepTurn(id, status)
  local turn, round, owner, parent = unpack(redis.call('HMGET', record(id), 'turn', 'round', 'owner', 'parent'))
  local function keep(key, isIn, number)
    if isIn then redis.call('ZADD', key, number or 0, id) else redis.call('ZREM', key, id) end
  end
  keep(prefix .. 'turns:queued', status == 'queued', turn)
  keep(prefix .. 'turns:running', status == 'running', turn)
  if parent then keep(family(parent) .. ':rounds', status == 'queued' or status == 'running', round)
  else keep(prefix .. 'turns:owner:' .. owner, status == 'queued', turn) end
end
local function move(id, status)
  local before, place, parent = unpack(redis.call('HMGET', record(id), 'status', 'place', 'parent'))
  if before then redis.call('ZREM', prefix .. 'status:' .. before, id) end
  redis.call('ZADD', prefix .. 'status:' .. status, place, id)
  if parent then
    if before then redis.call('ZREM', family(parent) .. ':' .. before, id) end
    redis.call('ZADD', family(parent) .. ':' .. status, place, id)
  end
  redis.call('HSET', record(id), 'status', status)
  keepTurn(id, status)
end
local function holds(id, token)
  local status, holder = unpack(redis.call('HMGET', record(id), 'status', 'token'))
  return status == 'running' and holder == token
end
local function isEarly(id)
  local round, parent = unpack(redis.call('HMGET', record(id), 'round', 'parent'))
  return parent and tonumber(round or 0) > (score(family(parent) .. ':rounds', 0) or 0)
end
local function nextTurn()
  return score(prefix .. 'turns:queued', 0) or score(prefix .. 'turns:running', -1) or 0
end
local function closeFamily(id, finished, expires)
  if number(id, 'queued') + number(id, 'running') > 0 or redis.call('HEXISTS', record(id), 'end') == 1 then return end
  local status = 'done'
  if number(id, 'cancelled') > 0 then status = 'cancelled' elseif number(id, 'failed') > 0 then status = 'failed' end
  local ending = '{"status":"' .. status .. '","finished":' .. finished .. ',"expires":' .. expires .. '}'
  redis.call('HSET', record(id), 'status', status, 'end', ending)
  redis.call('ZADD', prefix .. 'expires', expires, id)
end
local function close(id, status, ending, finished, expires)
  move(id, status)
  redis.call('HSET', record(id), 'end', ending)
  redis.call('HDEL', record(id), 'token')
  local parent = redis.call('HGET', record(id), 'parent')
  if parent then closeFamily(parent, finished, expires) else redis.call('ZADD', prefix .. 'expires', expires, id) end
end
`;

const script = (text: string): string => `${begin}${text}`;

export const queueScripts = {
  /** Arguments: id. */
  get: script(`return fields(ARGV[1])`),
  /** Arguments: id. */
  children: script(`
local found = {}
for _, child in ipairs(redis.call('ZRANGE', family(ARGV[1]), 0, -1)) do table.insert(found, fields(child)) end
return found`),
  /** Arguments: id, owner, job, idempotency key or nothing, how many may be queued; id, job and round of each that it consists of. */
  add: script(`
local id, owner, job, key, limit = unpack(ARGV, 1, 5)
local count = (#ARGV - 5) / 3
local known = key ~= '' and redis.call('HGET', prefix .. 'keys', key)
if known then return { 'known', fields(known) } end
if redis.call('ZCARD', prefix .. 'status:queued') + math.max(1, count) > tonumber(limit) then return { 'full' } end
local place = redis.call('INCR', prefix .. 'place')
local turn = nextTurn()
local ownLast = count == 0 and score(prefix .. 'turns:owner:' .. owner, -1)
if ownLast then turn = math.max(turn, ownLast + 1) end
redis.call('HSET', record(id), 'job', job, 'place', place, 'owner', owner, 'key', key, 'attempts', 0, 'stalls', 0,
  'turn', turn)
if key ~= '' then redis.call('HSET', prefix .. 'keys', key, id) end
redis.call('ZADD', prefix .. 'owner:' .. owner, place, id)
if count == 0 then move(id, 'queued') else redis.call('HSET', record(id), 'status', 'queued', 'children', count) end
for index = 6, #ARGV, 3 do
  local child = ARGV[index]
  place = redis.call('INCR', prefix .. 'place')
  redis.call('HSET', record(child), 'job', ARGV[index + 1], 'place', place, 'owner', owner, 'key', '',
    'attempts', 0, 'stalls', 0, 'parent', id, 'round', ARGV[index + 2], 'turn', turn)
  turn = turn + 1
  redis.call('ZADD', family(id), place, child)
  move(child, 'queued')
end
return { 'added', fields(id) }`),
  /** Arguments: id, token, now. A job that is running was its holder's that is gone. */
  claim: script(`
local id, token, now = unpack(ARGV)
local status = redis.call('HGET', record(id), 'status')
if status ~= 'queued' and status ~= 'running' then return {} end
if status == 'queued' and isEarly(id) then return {} end
if status == 'running' then redis.call('HINCRBY', record(id), 'stalls', 1) end
redis.call('HSETNX', record(id), 'started', now)
redis.call('HSET', record(id), 'token', token)
move(id, 'running')
local parent = redis.call('HGET', record(id), 'parent')
if parent and redis.call('HGET', record(parent), 'status') == 'queued' then
  redis.call('HSET', record(parent), 'status', 'running', 'started', now)
end
return fields(id)`),
  /** Arguments: id, token. */
  renew: script(`
if not holds(ARGV[1], ARGV[2]) then return 'lost' end
return redis.call('HEXISTS', record(ARGV[1]), 'cancel') == 1 and 'cancelled' or 'held'`),
  /** Arguments: id, token, status, end, when it ended, when it expires, attempts more. */
  finish: script(`
local id, token, status, ending, finished, expires, attempts = unpack(ARGV)
if not holds(id, token) then return {} end
redis.call('HINCRBY', record(id), 'attempts', attempts)
close(id, status, ending, finished, expires)
return fields(id)`),
  /** Arguments: id of a job that consists of others, a round. Gives those that can be done now since all of that round have ended. */
  opened: script(`
local rounds = family(ARGV[1]) .. ':rounds'
local round = score(rounds, 0)
if not round or round <= tonumber(ARGV[2]) then return {} end
return redis.call('ZRANGEBYSCORE', rounds, round, round)`),
  /** Arguments: ids. Gives id and turn of those that wait for somebody who does them. */
  waiting: script(`
local found = {}
for _, id in ipairs(ARGV) do
  local status, turn = unpack(redis.call('HMGET', record(id), 'status', 'turn'))
  if status == 'running' or (status == 'queued' and not isEarly(id)) then
    table.insert(found, id)
    table.insert(found, tonumber(turn or 0))
  end
end
return found`),
  /** Arguments: id, token, attempts more. */
  release: script(`
local id, token, attempts = unpack(ARGV)
if not holds(id, token) then return {} end
redis.call('HINCRBY', record(id), 'attempts', attempts)
redis.call('HDEL', record(id), 'token')
move(id, 'queued')
return fields(id)`),
  /** Arguments: id, status, end, when it ended, when it expires. */
  cancel: script(`
local id, status, ending, finished, expires = unpack(ARGV)
local function cancel(one)
  local now = redis.call('HGET', record(one), 'status')
  if now == 'queued' then close(one, status, ending, finished, expires) end
  if now == 'running' then redis.call('HSET', record(one), 'cancel', 1) end
end
local children = redis.call('ZRANGE', family(id), 0, -1)
if #children == 0 then cancel(id) end
for _, child in ipairs(children) do cancel(child) end
if #children > 0 and redis.call('HEXISTS', record(id), 'end') == 0 then redis.call('HSET', record(id), 'cancel', 1) end
return fields(id)`),
  /** Arguments: id. Gives id and status of each that was removed. */
  remove: script(`
local removed = {}
local function remove(id)
  local status, owner, key = unpack(redis.call('HMGET', record(id), 'status', 'owner', 'key'))
  if not status then return end
  redis.call('ZREM', prefix .. 'status:' .. status, id)
  redis.call('ZREM', prefix .. 'owner:' .. owner, id)
  redis.call('ZREM', prefix .. 'expires', id)
  keepTurn(id, 'removed')
  if key ~= '' then redis.call('HDEL', prefix .. 'keys', key) end
  redis.call('DEL', record(id))
  table.insert(removed, id)
  table.insert(removed, status)
end
local id = ARGV[1]
for _, child in ipairs(redis.call('ZRANGE', family(id), 0, -1)) do remove(child) end
remove(id)
redis.call('DEL', family(id))
redis.call('DEL', family(id) .. ':rounds')
for _, status in ipairs(statuses) do redis.call('DEL', family(id) .. ':' .. status) end
return removed`),
} as const;
