import { isDeepStrictEqual } from 'node:util'
import type { SourceDefinition } from '#contracts'

/** What a source becomes at a reload. */
export interface SourceChange {
  readonly name: string
  /** In words, for the audit log. */
  readonly change: string
  /** Undefined if the source is not among the new ones any more. */
  readonly next: SourceDefinition | undefined
}

/** The sources that differ, in the order of the new ones; those that are removed come last. */
export function sourceChanges(running: readonly SourceDefinition[], next: readonly SourceDefinition[]): SourceChange[] {
  const before = new Map(running.map((source) => [source.name, source]))
  const names = new Set(next.map(({ name }) => name))
  const changed = next.flatMap((source) => {
    const change = changeOf(before.get(source.name), source)
    return change === undefined ? [] : [{ name: source.name, change, next: source }]
  })
  const removed = running.filter(({ name }) => !names.has(name)).map(({ name, retired }) => ({ name, change: removalText(retired), next: undefined }))
  return [...changed, ...removed]
}

function changeOf(running: SourceDefinition | undefined, next: SourceDefinition): string | undefined {
  if (running === undefined) return next.retired ? 'added as retired' : `added with the topic ${next.topic}`
  if (isDeepStrictEqual(running, next)) return undefined
  if (next.retired !== running.retired) return next.retired ? 'retired: it is not read any more, and log time does not wait for it' : 'read again'
  const keys = new Set([...Object.keys(running), ...Object.keys(next)]) as Set<keyof SourceDefinition>
  return `changed (${[...keys].filter((key) => !isDeepStrictEqual(running[key], next[key])).join(', ')})`
}

/** The same as at a restart without its entry. */
function removalText(isRetired: boolean): string {
  if (isRetired) return 'removed'
  return 'removed: it is not read any more, its position is kept, and log time waits 24 h for it, unless it is there again with retired: true'
}
