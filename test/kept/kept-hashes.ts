import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

const FILE = new URL('hashes.json', import.meta.url)

/**
 * SHA-256 of outputs that must stay the same, by name. An intended change raises FOLD_VERSION and writes new hashes:
 * RONDO_KEPT_WRITE=1 with these specs.
 */
export function keptHash(name: string, bytes: string | Buffer): { found: string; kept: string | undefined } {
  const hashes = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, string>
  const found = createHash('sha256').update(bytes).digest('hex')
  if (process.env['RONDO_KEPT_WRITE'] === '1') {
    hashes[name] = found
    writeFileSync(FILE, `${JSON.stringify(hashes, undefined, 2)}\n`)
  }
  return { found, kept: hashes[name] }
}
