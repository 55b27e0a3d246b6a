// The constants of MurmurHash2, with the seed of Kafka's partitioner.
const SEED = 0x9747b28c
const M = 0x5bd1e995
const R = 24

/**
 * The partition of an actor: the one that Kafka's own partitioner chooses for a record with the actor's id as key, so that other
 * programs that write or read by that key find the same one. All events of an actor are in one partition, since events have an order only within a partition.
 */
export function partitionOf(actorId: string, partitions: number): number {
  // Kafka clears the sign bit of the hash.
  return partitions === 1 ? 0 : (murmur2(Buffer.from(actorId)) & 0x7fffffff) % partitions
}

/** Austin Appleby's MurmurHash2 with Kafka's seed. */
export function murmur2(data: Buffer): number {
  const whole = data.length & ~3
  let hash = SEED ^ data.length
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(data.readInt32LE(at), M)
    word ^= word >>> R
    hash = Math.imul(hash, M) ^ Math.imul(word, M)
  }
  const rest = data.length - whole
  if (rest > 0) hash = Math.imul(hash ^ data.readUIntLE(whole, rest), M)
  hash = Math.imul(hash ^ (hash >>> 13), M)
  return hash ^ (hash >>> 15)
}
