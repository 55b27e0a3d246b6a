import { OWN_ACTOR_PATH } from '#contracts'
import type { DefinitionParts } from '../parts.ts'
import type { Report } from '../report.ts'
import { pathDefect } from '../subject-path.ts'

/** Checks the paths at which events name the actors that they count for. */
export function checkAddressing({ addressPaths }: DefinitionParts, report: Report): void {
  const seen = new Set<string>()
  for (const { name, path: at } of addressPaths) {
    const defect = name === OWN_ACTOR_PATH ? undefined : pathDefect(name)
    if (defect !== undefined) report.error(at, `id: ${defect}, or ${OWN_ACTOR_PATH} for who sent the event`)
    else if (name === 'event') report.error(at, 'id: the name of an event is no id; expected a path such as properties.artistId')
    else if (seen.has(name)) report.error(at, `id: "${name}" is named twice; leave one out`)
    seen.add(name)
  }
}
