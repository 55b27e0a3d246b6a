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

/** The read models in Redis: their readers and projectors share one connection. */
export interface RedisProjections {
  readonly readModels: ReadModels
  readonly generations: Generations
  /** The target of a generation's projectors. The first generation that is fed becomes the current one. */
  target(generation: Generation): ProjectionTarget
  /** The models that a generation keeps. */
  modelsOf(generation: Generation): GenerationModels
  close(): void
}

/**
 * Connects in the background: requests wait meanwhile, and fail with RONDO_MODELS_UNAVAILABLE while Redis cannot be reached.
 * @throws RondoError RONDO_ARGUMENT_INVALID if the prefix contains other characters than letters, digits, `-`, `_` and `:`
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
