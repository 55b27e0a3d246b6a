import { type Defect, formatPath, type Path } from './defect.ts'

/** Whether a defect is shown at a key or at its value. */
export type Spot = 'key' | 'value'

/** A longer list would hide the first defects, and a file with more of them is hardly a definition. */
const DEFECTS_MAX = 1000

/** Collects the defects that the checks find. A missing value is shown at the map or list that should have it. */
export interface Report {
  error(path: Path, message: string, at?: Spot): void
  warning(path: Path, message: string, at?: Spot): void
  /** An error without a path, at an offset of the text. */
  errorAt(offset: number, message: string): void
  warningAt(offset: number, message: string): void
  /** All defects, in the order of the file. */
  defects(): readonly Defect[]
}

/** Places of the text: offsets of paths, lines and columns of offsets. */
export interface Places {
  offsetOf(path: Path, at: Spot): number
  position(offset: number): { readonly line: number; readonly column: number }
}

/** A report for one file. A defect that several checks find at one place with one message is listed once. */
export function createReport(file: string, places: Places): Report {
  const found = new Map<string, Defect>()
  const add = (severity: Defect['severity'], offset: number, path: Path, message: string): void => {
    const defect: Defect = { severity, file, ...places.position(offset), path: formatPath(path), message }
    found.set(`${offset} ${message}`, defect)
  }
  return {
    error: (path, message, at = 'value') => add('error', places.offsetOf(path, at), path, message),
    warning: (path, message, at = 'value') => add('warning', places.offsetOf(path, at), path, message),
    errorAt: (offset, message) => add('error', offset, [], message),
    warningAt: (offset, message) => add('warning', offset, [], message),
    defects: () => limited([...found.values()].sort((a, b) => a.line - b.line || a.column - b.column)),
  }
}

// Warnings must not push an error out of the list: a definition without errors counts as valid.
function limited(defects: readonly Defect[]): readonly Defect[] {
  if (defects.length <= DEFECTS_MAX) return defects
  const errors = defects.filter((defect) => defect.severity === 'error')
  const shown = (errors.length > 0 ? errors : defects).slice(0, DEFECTS_MAX)
  const last = shown[shown.length - 1] as Defect
  return [...shown, { ...last, message: `and ${defects.length - shown.length} more defects; correct the first ones and check again` }]
}
