/*
 * What changes the records of jobs in a queue server, as scripts, each of which happens as a whole or not at all. The key is the prefix
 * of all names: `job:ID` a record, `keys` the identifiers by owner and idempotency key, `owner:OWNER`, `status:STATUS` and `expires` the
 * identifiers in order.
 */
const begin = `
local prefix = KEYS[1]
local function record(id) return prefix .. 'job:' .. id end
local function fields(id) return redis.call('HGETALL', record(id)) end
local function move(id, status)
  local before, place = unpack(redis.call('HMGET', record(id), 'status', 'place'))
  if before then redis.call('ZREM', prefix .. 'status:' .. before, id) end
  redis.call('ZADD', prefix .. 'status:' .. status, place, id)
  redis.call('HSET', record(id), 'status', status)
end
local function holds(id, token)
  local status, holder = unpack(redis.call('HMGET', record(id), 'status', 'token'))
  return status == 'running' and holder == token
end
local function close(id, status, ending, expires)
  move(id, status)
  redis.call('HSET', record(id), 'end', ending)
  redis.call('HDEL', record(id), 'token')
  redis.call('ZADD', prefix .. 'expires', expires, id)
end
`;

const script = (text: string): string => `${begin}${text}`;

export const queueScripts = {
  /** Arguments: id, owner, job, idempotency key or nothing, how many may be queued. */
  add: script(`
local id, owner, job, key, limit = unpack(ARGV)
local known = key ~= '' and redis.call('HGET', prefix .. 'keys', key)
if known then return { 'known', fields(known) } end
if redis.call('ZCARD', prefix .. 'status:queued') >= tonumber(limit) then return { 'full' } end
local place = redis.call('INCR', prefix .. 'place')
redis.call('HSET', record(id), 'job', job, 'place', place, 'owner', owner, 'key', key, 'attempts', 0, 'stalls', 0)
if key ~= '' then redis.call('HSET', prefix .. 'keys', key, id) end
redis.call('ZADD', prefix .. 'owner:' .. owner, place, id)
move(id, 'queued')
return { 'added', fields(id) }`),
  /** Arguments: id, token, now. A job that is running was its holder's that is gone. */
  claim: script(`
local id, token, now = unpack(ARGV)
local status = redis.call('HGET', record(id), 'status')
if status ~= 'queued' and status ~= 'running' then return {} end
if status == 'running' then redis.call('HINCRBY', record(id), 'stalls', 1) end
redis.call('HSETNX', record(id), 'started', now)
redis.call('HSET', record(id), 'token', token)
move(id, 'running')
return fields(id)`),
  /** Arguments: id, token. */
  renew: script(`
if not holds(ARGV[1], ARGV[2]) then return 'lost' end
return redis.call('HEXISTS', record(ARGV[1]), 'cancel') == 1 and 'cancelled' or 'held'`),
  /** Arguments: id, token, status, end, when it expires, attempts more. */
  finish: script(`
local id, token, status, ending, expires, attempts = unpack(ARGV)
if not holds(id, token) then return {} end
redis.call('HINCRBY', record(id), 'attempts', attempts)
close(id, status, ending, expires)
return fields(id)`),
  /** Arguments: id, token, attempts more. */
  release: script(`
local id, token, attempts = unpack(ARGV)
if not holds(id, token) then return {} end
redis.call('HINCRBY', record(id), 'attempts', attempts)
redis.call('HDEL', record(id), 'token')
move(id, 'queued')
return fields(id)`),
  /** Arguments: id, status, end, when it expires. */
  cancel: script(`
local id, status, ending, expires = unpack(ARGV)
local now = redis.call('HGET', record(id), 'status')
if now == 'queued' then close(id, status, ending, expires) end
if now == 'running' then redis.call('HSET', record(id), 'cancel', 1) end
return fields(id)`),
  /** Arguments: id. */
  remove: script(`
local id = ARGV[1]
local status, owner, key = unpack(redis.call('HMGET', record(id), 'status', 'owner', 'key'))
if not status then return 0 end
redis.call('ZREM', prefix .. 'status:' .. status, id)
redis.call('ZREM', prefix .. 'owner:' .. owner, id)
redis.call('ZREM', prefix .. 'expires', id)
if key ~= '' then redis.call('HDEL', prefix .. 'keys', key) end
redis.call('DEL', record(id))
return 1`),
} as const;
