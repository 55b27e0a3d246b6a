import { flows } from './flows.ts'
import type { ReadModel } from './read-model.ts'
import { stageCounts } from './stage-counts.ts'
import { stageMembers } from './stage-members.ts'

/** All read models that are made from the histories of the actors. To add one, write a file beside these and a line here. */
export const readModels: readonly ReadModel[] = [stageCounts, stageMembers, flows]

export const readModelNames: readonly string[] = readModels.map(({ name }) => name)

/** The name of the histories among the models. */
export const HISTORIES = 'histories'

/**
 * The version of the histories: the outputs of each actor, which of them are in effect, and the actor's stage. All other models are
 * made from them, so that a change here rebuilds all models.
 */
export const HISTORIES_VERSION = 1
