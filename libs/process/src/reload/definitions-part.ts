import { RondoError } from '#contracts'
import { type LiveDefinition, readLiveDefinitions } from '../settings/live-definition.ts'
import type { ReloadPart } from './reload-part.ts'

/** The settings that say which definitions there are. */
interface DefinitionPaths {
  readonly definition: readonly string[]
  readonly shortGrace: boolean
}

/**
 * The definitions of the cycles that run. A reload checks their files, and refuses what would need another fold of the log: with other rules, what is stored and
 * what is published would follow two definitions.
 * @param pathsOf the paths of definitions where the setting names none
 */
export function definitionsPart(
  running: readonly LiveDefinition[],
  pathsOf: (named: readonly string[]) => readonly string[] = (named) => named,
): ReloadPart<DefinitionPaths> {
  return {
    async prepare({ definition, shortGrace }) {
      const next = readLiveDefinitions(pathsOf(definition), { shortGrace })
      const defects = [
        ...running.flatMap((cycle) => changeDefect(cycle, next)),
        ...next.flatMap((cycle) => additionDefect(cycle, running)),
        ...orderDefect(running, next),
      ]
      if (defects.length > 0) throw new RondoError('RONDO_DEFINITION_INVALID', defects.join('\n'))
      return undefined
    },
  }
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

function additionDefect({ cycle, file }: LiveDefinition, running: readonly LiveDefinition[]): string[] {
  if (running.some((other) => other.cycle.cycle === cycle.cycle)) return []
  return [
    `${file}: the cycle ${cycle.cycle} does not run yet. A cycle is added at a restart, and is folded from the stored log beside the others: restart the process, or take the file away.`,
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
