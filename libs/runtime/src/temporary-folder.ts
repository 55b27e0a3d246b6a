import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder for files that are not needed after the process. */
export interface TemporaryFolder extends Disposable {
  readonly path: string
}

/** Creates a folder in the system's folder for temporary files; disposing deletes it with its files. */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'rondo-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
