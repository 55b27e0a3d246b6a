export function stampFile(root: string): string
export function sources(root: string): string[]
export function stampOf(root: string, files: readonly string[]): string
export function isBuilt(root: string): boolean
