-- Stores a result that has no live part, and its place in the list of recent ones.
local result, recent = KEYS[1], KEYS[2]
local ttl, id, started, expired, text = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]

redis.call('SET', result, text, 'EX', ttl)
redis.call('ZADD', recent, started, id)
redis.call('EXPIRE', recent, ttl)
-- What was stored long after it had started lives longer than its start says, so what counts is whether it is there.
local prefix = string.sub(result, 1, -#id - 1)
for _, old in ipairs(redis.call('ZRANGEBYSCORE', recent, '-inf', expired)) do
	if redis.call('EXISTS', prefix .. old) == 0 then
		redis.call('ZREM', recent, old)
	end
end
return 0
