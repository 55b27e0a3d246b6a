/** More commands that the client sends to a Redis Cluster. */
const CLUSTER_COMMANDS = ['cluster|slots', 'cluster|info']

/** The rules of Redis' ACL that allow these commands on the keys of a prefix, and nothing else. */
export function redisRules(prefix: string, commands: readonly string[], isCluster = false): string[] {
  const allowed = [...commands, ...(isCluster ? CLUSTER_COMMANDS : [])]
  return ['resetkeys', 'resetchannels', '-@all', `~${prefix}:*`, ...[...new Set(allowed)].sort().map((command) => `+${command}`)]
}
