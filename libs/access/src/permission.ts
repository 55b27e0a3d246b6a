import { type Key, type KeyRole, RondoError } from '#contracts'

/** The permission that a request needs. */
export interface RequiredPermission {
  readonly role: KeyRole
  /** The cycles of the question, one of which the key must show; undefined if it is about no cycle. */
  readonly cycles?: readonly string[] | undefined
}

/**
 * Checks that a key has the permission that a request needs.
 * @param environment the environment of this process
 * @throws RondoError RONDO_KEY_SCOPE with the missing permission
 */
export function requirePermission(key: Key, need: RequiredPermission, environment: string): void {
  const missing = missingPermission(key, need, environment)
  if (missing !== undefined) throw new RondoError('RONDO_KEY_SCOPE', `The key ${key.id} (${key.name}) ${missing}.`)
}

function missingPermission({ role, environment: own, cycles }: Key, need: RequiredPermission, environment: string): string | undefined {
  if (role !== 'admin' && role !== need.role) return `is a ${role} key, and this needs ${need.role === 'admin' ? 'an admin' : `a ${need.role}`} key`
  if (own !== undefined && own !== environment) return `is for the environment ${own}, and this is ${environment}`
  if (need.cycles === undefined || cycles === undefined || need.cycles.some((cycle) => cycles.includes(cycle))) return undefined
  return `does not show the cycle ${need.cycles.join(' or ')}, only ${cycles.join(', ')}`
}
