import { type CycleDefinition, definitionDefaults, durationMs, formatInstant } from '#contracts'
import { compileCycle } from '#cycle'

const DAY_MS = 86_400_000
/** The day of the example. */
const EXAMPLE = Date.UTC(2026, 7, 20, 12)

/** Explains windows of local days with dates, because readers often take `7d` for 7 times 24 hours. */
export function describeWindows(definition: CycleDefinition): string[] {
  const named = Map.groupBy(
    compileCycle(definition).measures.filter(({ window }) => window?.isLocal === true),
    ({ id }) => withinOf(definition, id),
  )
  const zone = definition.timezone ?? definitionDefaults.timezone
  return [...named].map(([within, measures]) => {
    const days = Math.ceil(durationMs(within) / DAY_MS)
    const [from, to] = [EXAMPLE - (days - 1) * DAY_MS, EXAMPLE].map((at) => formatInstant(at).slice(0, 10))
    const ids = measures.map(({ id }) => `"${id}"`).join(', ')
    return `  within: ${within} (${ids}) is today and the ${days - 1} days before in ${zone}: on ${to} it holds ${from} to ${to}. For a window that moves by the hour, add buckets: 1h.`
  })
}

function withinOf(definition: CycleDefinition, id: string): string {
  const measure = definition.measures?.[id]
  return (measure !== undefined && 'within' in measure ? measure.within : undefined) ?? ''
}
