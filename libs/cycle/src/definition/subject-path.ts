import { nearestName } from './nearest-name.ts'

/** The defect of a path into an event; undefined for a valid path: event, properties.*, traits.* or context.*. */
export function pathDefect(path: string): string | undefined {
  if (path === 'event') return undefined
  const [root = '', ...steps] = path.split('.')
  const expected = 'expected event, properties.*, traits.* or context.*'
  if (!ROOTS.includes(root)) {
    const near = steps.length > 0 ? nearestName(root, ROOTS) : undefined
    return `"${path}" is not a path of an event: ${expected}${near === undefined ? '' : `; did you mean "${[near, ...steps].join('.')}"?`}`
  }
  if (steps.length === 0) return `"${path}" names no field: ${expected}`
  return steps.includes('') ? `"${path}" has an empty part between its dots: ${expected}` : undefined
}

const ROOTS = ['properties', 'traits', 'context']
