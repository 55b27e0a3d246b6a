/** The fields of an event that a definition can read. */
export interface EventView {
  readonly event: string
  readonly properties?: Readonly<Record<string, unknown>> | undefined
  readonly traits?: Readonly<Record<string, unknown>> | undefined
  readonly context?: Readonly<Record<string, unknown>> | undefined
}

/** Reads the value at one path of an event. */
export type EventPath = (event: EventView) => unknown

const ROOTS = ['properties', 'traits', 'context'] as const
/** A field of an event below which paths lead. */
type Root = (typeof ROOTS)[number]

/** Whether a text names a place in an event: `event`, or a path below properties, traits or context. */
export function isEventPath(text: string): boolean {
  return text === 'event' || /^(properties|traits|context)(\.[^.]+)+$/.test(text)
}

/** Reads a path: only own properties, so that a path cannot reach a prototype; a number is the index of an array. Undefined if the value is missing. */
export function compilePath(path: string): EventPath {
  if (path === 'event') return (event) => event.event
  const [root, ...steps] = path.split('.')
  const first = root as Root
  const [single] = steps
  if (steps.length === 1 && single !== undefined) return (event) => ownStep(event[first], single)
  return (event) => steps.reduce<unknown>(ownStep, event[first])
}

function ownStep(value: unknown, step: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return /^(0|[1-9]\d{0,8})$/.test(step) ? value[Number(step)] : undefined
  return Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined
}
