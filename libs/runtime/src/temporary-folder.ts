import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder for files that nobody misses after the process. */
export interface TemporaryFolder extends Disposable {
  readonly path: string
}

/** Makes a folder under the system's one for temporary files; disposing removes it with all it holds. */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'rondo-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
