import { type Defect, formatPath, type Path } from './defect.ts'

/** Whether a key or its value is to be shown. */
export type Spot = 'key' | 'value'

/** More than this would hide the first ones; a file with more is no definition. */
const DEFECTS_MAX = 1000

/** Where the checks put what they find. `at` says whether the key or the value is to be shown; a missing value shows what should hold it. */
export interface Report {
  error(path: Path, message: string, at?: Spot): void
  warning(path: Path, message: string, at?: Spot): void
  /** For what has no path: a place in the text. */
  errorAt(offset: number, message: string): void
  warningAt(offset: number, message: string): void
  /** All that was found, in the order of the file. */
  defects(): readonly Defect[]
}

/** What a report must know of the text. */
export interface Places {
  offsetOf(path: Path, at: Spot): number
  position(offset: number): { readonly line: number; readonly column: number }
}

export function createReport(file: string, places: Places): Report {
  const found = new Map<string, Defect>()
  const put = (severity: Defect['severity'], offset: number, path: Path, message: string): void => {
    const defect: Defect = { severity, file, ...places.position(offset), path: formatPath(path), message }
    found.set(`${offset} ${message}`, defect)
  }
  return {
    error: (path, message, at = 'value') => put('error', places.offsetOf(path, at), path, message),
    warning: (path, message, at = 'value') => put('warning', places.offsetOf(path, at), path, message),
    errorAt: (offset, message) => put('error', offset, [], message),
    warningAt: (offset, message) => put('warning', offset, [], message),
    defects: () => bounded([...found.values()].sort((a, b) => a.line - b.line || a.column - b.column)),
  }
}

// An error must not be cut off by warnings before it, or a broken definition would pass for a good one.
function bounded(defects: readonly Defect[]): readonly Defect[] {
  if (defects.length <= DEFECTS_MAX) return defects
  const errors = defects.filter((defect) => defect.severity === 'error')
  const shown = (errors.length > 0 ? errors : defects).slice(0, DEFECTS_MAX)
  const last = shown[shown.length - 1] as Defect
  return [...shown, { ...last, message: `and ${defects.length - shown.length} more defects; correct the first ones and check again` }]
}
