import type { RequiredRight } from '#event-log'

const resourceFlags = { Topic: '--topic', Group: '--group', TransactionalId: '--transactional-id' } as const

/** One right for each resource, with the operations of all rights on the resource. */
export function mergedRights(rights: readonly RequiredRight[]): RequiredRight[] {
  const merged = new Map<string, RequiredRight>()
  for (const right of rights) {
    const key = JSON.stringify([right.resource, right.name, right.isPrefix])
    const before = merged.get(key)
    const operations = [...new Set([...(before?.operations ?? []), ...right.operations])]
    const purposes = [...new Set([before?.purpose, right.purpose].filter((purpose) => purpose !== undefined).flatMap((purpose) => purpose.split('; ')))]
    merged.set(key, { ...right, operations, purpose: purposes.join('; ') })
  }
  return [...merged.values()]
}

/** The rights as lines of a table. */
export function rightTable(rights: readonly RequiredRight[]): string {
  const rows = rights.map(({ resource, name, isPrefix, operations, purpose }) => [resource, isPrefix ? `${name}*` : name, operations.join(', '), purpose])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')}\n`).join('')
}

/** The commands of Kafka's tool that give the rights. */
export function rightCommands(rights: readonly RequiredRight[], principal: string, brokers: string): string {
  return rights
    .map(({ resource, name, isPrefix, operations }) => {
      const pattern = isPrefix ? ' --resource-pattern-type prefixed' : ''
      const allowed = operations.map((operation) => ` --operation ${operation}`).join('')
      return `kafka-acls.sh --bootstrap-server ${brokers} --add --allow-principal ${principal}${allowed} ${resourceFlags[resource]} ${name}${pattern}\n`
    })
    .join('')
}
