import type { ReadModel } from './read-model.ts'

/** Who is in each stage, by time of entry. */
export const stageMembers: ReadModel = {
  name: 'stage-members',
  version: 1,
  sqlite: {
    objects: ['actors_by_stage'],
    schema: 'CREATE INDEX actors_by_stage ON actors (stage, since, actor_type, actor_id)',
  },
}
