import { globSync } from 'node:fs'
import { root } from './root.ts'

/** Specs whose servers ask for TLS and logins in any case. */
const ALWAYS_SECURED = ['secured', 'validate', 'refused-later']
const THIRDS = 3

/** What decides which specs have servers with TLS, logins and rights. */
interface SecuredChoice {
  /** Every number chooses one third. */
  readonly seed: number
  /** RONDO_TEST_SECURED: `1` or `0` for all of the specs, or none. */
  readonly form: string | undefined
}

/** The specs of test/cluster that can run on servers of both kinds, in the order of their names. */
export function specsOfBothKinds(): string[] {
  const files = globSync('test/cluster/*.kafka.spec.ts', { cwd: root })
  return files.filter((file) => !ALWAYS_SECURED.some((name) => file.endsWith(`/${name}.kafka.spec.ts`))).sort()
}

/** Those of the specs that run on servers with TLS, logins and rights. */
export function securedSpecs(specs: readonly string[], { seed, form }: SecuredChoice): string[] {
  if (form === '1') return [...specs]
  return form === '0' ? [] : specs.filter((_, number) => number % THIRDS === seed % THIRDS)
}
