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
      const defects = [...running.flatMap((cycle) => changeDefect(cycle, next)), ...next.flatMap((cycle) => additionDefect(cycle, running))]
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
