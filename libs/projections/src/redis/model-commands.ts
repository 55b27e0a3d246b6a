/** The commands of Redis by which read models are kept and read: what a user of the ACL must be allowed. A spec compares them with what is used. */
export const MODEL_COMMANDS: readonly string[] = [
  ...['eval', 'evalsha', 'multi', 'exec', 'info', 'scan', 'unlink', 'del'],
  ...['get', 'set', 'incr', 'hget', 'hgetall', 'hmget', 'hset', 'hdel', 'hexists', 'hkeys', 'hincrby'],
  ...['lindex', 'llen', 'lrange', 'lset', 'ltrim', 'rpush', 'zadd', 'zcard', 'zlexcount', 'zrange', 'zrangebylex', 'zrem'],
]
