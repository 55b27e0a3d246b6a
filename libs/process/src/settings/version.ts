import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

const { version: found } = JSON.parse(readFileSync(findPackageJSON(import.meta.url) as string, 'utf8')) as { version: string }

/** The version of this release. */
export const version = found
