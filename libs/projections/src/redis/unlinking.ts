import { type Generation, keysOf, type PartitionKeys } from './model-keys.ts'
import type { RedisClient, RedisNode } from './redis-client.ts'

/** The number of keys that one step of the deletion examines. A thread of Redis frees their memory. */
const SCAN_KEYS = 1000

/** Which keys of a generation are deleted, and while what. */
export interface Unlinking {
  readonly prefix: string
  readonly generation: Generation
  /** A field of a partition's state and its value: keys are deleted only while the field has this value. */
  readonly while: readonly [field: string, value: string]
  /** Selects the keys to delete. The key of a partition's state is never deleted. */
  isSelected(key: string, keys: PartitionKeys): boolean
}

/** Deletes keys of a generation in small portions. */
export async function unlinkAll(redis: RedisClient, unlinking: Unlinking): Promise<void> {
  const partitions = keysOf(unlinking.prefix, unlinking.generation)
  const nodes = 'nodes' in redis ? (redis.nodes('master') as RedisNode[]) : [redis]
  for (const node of nodes) {
    for await (const found of node.scanStream({ match: `${unlinking.prefix}:{${unlinking.generation.name}.*`, count: SCAN_KEYS })) {
      for (const keys of partitions) await unlink(node, keys, found as string[], unlinking)
    }
  }
}

/** Deletes the selected keys of one partition: a call of the script may use only one slot of a cluster. */
async function unlink(node: RedisNode, keys: PartitionKeys, found: readonly string[], unlinking: Unlinking): Promise<void> {
  const selected = found.filter((key) => keys.isOwn(key) && key !== keys.state && unlinking.isSelected(key, keys))
  if (selected.length > 0) await node.rondoUnlink(selected.length + 1, keys.state, ...selected, ...unlinking.while)
}
