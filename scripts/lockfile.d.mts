/** See lockfile.mjs, which is plain JavaScript because it runs before TypeScript is there. */
export function missingOptionals(lock: unknown): Map<string, { name: string; version: string; dev: boolean }>
