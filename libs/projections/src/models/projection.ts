import { flows } from './flows.ts'
import type { ReadModel } from './read-model.ts'
import { stageCounts } from './stage-counts.ts'
import { stageMembers } from './stage-members.ts'

/** Every read model that is made from the histories of the actors. To add one, write a file beside these and a line here. */
export const readModels: readonly ReadModel[] = [stageCounts, stageMembers, flows]

/** The name of the histories among the models. */
export const HISTORIES = 'histories'

/**
 * The version of the histories themselves: the outputs of each actor, what of them is in effect, and where the actor is. All other models are
 * made from them, so that a change here makes all of them again.
 */
export const HISTORIES_VERSION = 1
