import { join } from 'node:path'
import { pythonPrograms } from './locked-folder.ts'

/**
 * Schemathesis, which sends requests that follow an OpenAPI document, and requests that do not; about 100 MB. It is run by its Python, because its own
 * command would have the path of the folder in which it was installed first.
 */
export const { install: installSchemathesis, python: schemathesisPython } = pythonPrograms('schemathesis', join('test', 'openapi'))
