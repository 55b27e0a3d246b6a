import { type Layout, written } from './layout.ts'

/** A value as JSON, in as few lines as can be read. */
export const jsonText = (value: unknown): string => written(layoutOf(value))

function layoutOf(value: unknown): Layout {
  if (Array.isArray(value))
    return group(
      '[',
      ']',
      value.map((each) => ({ label: '', value: layoutOf(each) })),
    )
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return group(
    '{',
    '}',
    Object.entries(value).map(([name, each]) => ({ label: `${JSON.stringify(name)}: `, value: layoutOf(each) })),
  )
}

const group = (open: string, close: string, parts: Exclude<Layout, string>['parts']): Layout => ({ open, close, separator: ', ', end: ',', parts })
