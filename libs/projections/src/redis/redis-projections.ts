import { readModels } from '../models/projection.ts'
import type { ReadModel } from '../models/read-model.ts'
import type { ProjectionTarget } from '../projection-target.ts'
import type { ReadModels } from '../read-models.ts'
import { GenerationModels } from './generation-models.ts'
import { Generations } from './generations.ts'
import type { Generation } from './model-keys.ts'
import { connectRedis, type RedisSettings } from './redis-client.ts'
import { RedisReadModels } from './redis-read-models.ts'
import { RedisTarget } from './redis-target.ts'

/** The read models in Redis: those who read them and those who feed them share one connection. */
export interface RedisProjections {
  readonly readModels: ReadModels
  readonly generations: Generations
  /** What the projectors of a generation feed. The first generation that is fed becomes the current one. */
  target(generation: Generation): ProjectionTarget
  /** Which models a generation keeps. */
  modelsOf(generation: Generation): GenerationModels
  close(): void
}

/**
 * Connects in the background: what is asked meanwhile waits, and fails with RONDO_MODELS_UNAVAILABLE while Redis cannot be reached.
 * @throws RondoError RONDO_ARGUMENT_INVALID where the prefix holds what it may not
 */
export async function openRedisProjections(settings: RedisSettings, models: readonly ReadModel[] = readModels): Promise<RedisProjections> {
  const redis = await connectRedis(settings, models)
  const generations = new Generations(redis, settings.prefix)
  return {
    readModels: new RedisReadModels(redis, generations, models),
    generations,
    target: (generation) => new RedisTarget(redis, generations, generation, models),
    modelsOf: (generation) => new GenerationModels(redis, settings.prefix, generation, models),
    close: () => redis.disconnect(),
  }
}
