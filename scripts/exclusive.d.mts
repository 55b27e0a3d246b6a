/** See exclusive.mjs, which is plain JavaScript because it runs before TypeScript is there. */
export function exclusively<T>(path: string, onWait: (pid: number) => void, work: (name: (worker: number) => void) => Promise<T>): Promise<T>
