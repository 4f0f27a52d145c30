-- Writes what is new about a run, unless a newer owner of the run has written before.
-- Returns -1 if one has, 1 if the run was not known, else 0.
local live, series, recent, results = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local epoch, ttl, run, started, expired = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local state, verdict, trust, snapshot, result = ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]

local seen = redis.call('HGET', live, 'epoch')
if seen and tonumber(seen) > tonumber(epoch) then
	return -1
end
redis.call('HSET', live, 'epoch', epoch, 'state', state, 'verdict', verdict, 'trust', trust, 'snapshot', snapshot)
redis.call('EXPIRE', live, ttl)
for i = 11, #ARGV, 2 do
	redis.call('HSET', series, ARGV[i], ARGV[i + 1])
end
redis.call('EXPIRE', series, ttl)
redis.call('ZADD', recent, started, run)
redis.call('EXPIRE', recent, ttl)
-- A run may be older than the time to live and still be written, so what counts is whether its hash is there.
local prefix = string.sub(live, 1, -#run - 1)
for _, old in ipairs(redis.call('ZRANGEBYSCORE', recent, '-inf', expired)) do
	if redis.call('EXISTS', prefix .. old) == 0 then
		redis.call('ZREM', recent, old)
	end
end
if result ~= '' then
	redis.call('SET', results, result, 'EX', ttl)
end
redis.call('PUBLISH', live, snapshot)
return seen and 0 or 1
