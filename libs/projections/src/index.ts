export type { ActorStage, ReadModels, Receipt, StageCounts } from './read-models.ts'
export { SqliteReadModels } from './sqlite/sqlite-read-models.ts'
export { stageProjection } from './sqlite/stage-projection.ts'
export { type Words, wordsOf } from './words.ts'
