/** Keys and list indexes that lead from the root of a definition to one of its values. */
export type Path = readonly (string | number)[]

/** A defect of a definition, at a place where it can be corrected. Lines and columns count from 1. */
export interface Defect {
  readonly severity: 'error' | 'warning'
  readonly file: string
  readonly line: number
  readonly column: number
  /** The place in the data, such as `stages[0].absence`; empty for the whole file. */
  readonly path: string
  readonly message: string
}

/** `file:line:column: error: message`, a form that editors and terminals turn into a link. */
export function formatDefect(defect: Defect): string {
  return `${defect.file}:${defect.line}:${defect.column}: ${defect.severity}: ${defect.message}`
}

/** `stages[0].absence`; keys with other characters than those of names are quoted. */
export function formatPath(path: Path): string {
  return path.map(formatStep).join('').replace(/^\./, '')
}

function formatStep(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`
  return /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
}
