import { RondoError } from '#contracts'
import { type LiveDefinition, readLiveDefinitions } from '../settings/live-definition.ts'
import type { PreparedChange, ReloadPart } from './reload-part.ts'

/** The settings that say which definitions there are. */
interface DefinitionPaths {
  readonly definition: readonly string[]
  readonly shortGrace: boolean
}

/** A cycle that is ready to be folded and shown beside the others. */
export type PreparedCycle = Omit<PreparedChange, 'changes'>

/** What an app does with its definitions when they are reloaded. */
interface DefinitionsOptions {
  /** The paths of definitions where the setting names none. */
  readonly pathsOf?: (named: readonly string[]) => readonly string[]
  /**
   * Checks whether a cycle can be added while the app runs, and prepares it. Where it is missing, as on Kafka, a cycle is added at a restart.
   * @throws RondoError with what to do if it cannot
   */
  readonly add?: (definition: LiveDefinition) => Promise<PreparedCycle>
}

/**
 * The definitions of the cycles that run. A reload checks their files, adds the cycles that do not run yet, and refuses what would need another fold of the log:
 * with other rules, what is stored and what is published would follow two definitions.
 */
export function definitionsPart(
  definitions: readonly LiveDefinition[],
  { pathsOf = (named) => named, add }: DefinitionsOptions = {},
): ReloadPart<DefinitionPaths> {
  const running = [...definitions]
  return {
    async prepare({ definition, shortGrace }) {
      const next = readLiveDefinitions(pathsOf(definition), { shortGrace })
      const added = next.filter(({ cycle }) => !running.some((other) => other.cycle.cycle === cycle.cycle))
      const defects = [
        ...running.flatMap((cycle) => changeDefect(cycle, next)),
        ...added.flatMap((cycle) => (add === undefined ? [restartNeeded(cycle)] : firstDefect(cycle, next, running))),
        ...orderDefect(running, next),
      ]
      if (defects.length > 0) throw new RondoError('RONDO_DEFINITION_INVALID', defects.join('\n'))
      if (add === undefined || added.length === 0) return undefined
      const prepared = await prepareAll(added, add)
      return {
        changes: added.map(({ cycle, file }) => ({ name: `cycle ${cycle.cycle}`, change: `added from ${file}` })),
        async apply() {
          for (const cycle of prepared) await cycle.apply()
          running.push(...added)
        },
        discard: () => discardAll(prepared),
      }
    },
  }
}

/** @throws RondoError of the first cycle that cannot be added; then none is */
async function prepareAll(added: readonly LiveDefinition[], add: NonNullable<DefinitionsOptions['add']>): Promise<PreparedCycle[]> {
  const prepared: PreparedCycle[] = []
  try {
    for (const definition of added) prepared.push(await add(definition))
    return prepared
  } catch (failure) {
    await discardAll(prepared)
    throw failure
  }
}

async function discardAll(prepared: readonly PreparedCycle[]): Promise<void> {
  for (const cycle of prepared) await cycle.discard?.()
}

function changeDefect({ cycle, file, text }: LiveDefinition, next: readonly LiveDefinition[]): string[] {
  const same = next.find((other) => other.cycle.cycle === cycle.cycle)
  if (same === undefined)
    return [
      `The cycle ${cycle.cycle} runs, and ${file} is not among the definitions any more. A cycle ends at a restart: restart the process, or put the file back.`,
    ]
  if (same.cycle.fingerprint !== cycle.fingerprint)
    return [
      `${same.file}: the cycle ${cycle.cycle} runs with other rules. What is stored and published follows them, so a running cycle cannot change: give the changed cycle a name of its own and start it beside this one, or put the file back.`,
    ]
  if (same.text === text) return []
  return [
    `${same.file}: only texts of the cycle ${cycle.cycle} have changed, and no rule. They are shown after a restart; nothing is folded again. Restart the process, or put the file back.`,
  ]
}

const restartNeeded = ({ cycle, file }: LiveDefinition): string =>
  `${file}: the cycle ${cycle.cycle} does not run yet. On Kafka a cycle is added at a restart, and is folded from the stored log beside the others: restart the apps one after the other with this definition, or take it away.`

/** After a restart, a cycle that stands before all others would decide what the first one decides. */
function firstDefect({ cycle, file }: LiveDefinition, next: readonly LiveDefinition[], running: readonly LiveDefinition[]): string[] {
  const [first] = running
  if (first === undefined || next[0]?.file !== file || first.cycle.actorType === cycle.actorType) return []
  return [
    `${file}: the cycle ${cycle.cycle} would be the first one, and rows of an import that name no type of actor would be of the type ${cycle.actorType} after the next start; they are of the type ${first.cycle.actorType} now. Put the definition behind ${first.file}: in a folder, the order is that of the names of the files.`,
  ]
}

/** The order of the cycles that run before and after. */
function orderDefect(running: readonly LiveDefinition[], next: readonly LiveDefinition[]): string[] {
  const before = commonNames(running, next)
  const after = commonNames(next, running)
  if (before === after) return []
  return [
    `The definitions are in another order: ${after}; the cycles run in the order ${before}. The first one decides the type of actors that have none, and on Kafka the names of topics. The order changes at a restart: restart the process, or put the definitions back in their order.`,
  ]
}

/** The names of the cycles that are also among the others, in their order. */
function commonNames(of: readonly LiveDefinition[], others: readonly LiveDefinition[]): string {
  const names = new Set(others.map(({ cycle }) => cycle.cycle))
  return of.flatMap(({ cycle }) => (names.has(cycle.cycle) ? [cycle.cycle] : [])).join(', ')
}
