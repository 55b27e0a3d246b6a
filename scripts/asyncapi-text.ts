import { asyncApiDocument } from '../apps/nest/src/openapi/asyncapi-document.ts'

/** The text of docs/reference/asyncapi.json. Its version is that of the schemas of records; a running process names its own. */
export const asyncApiText = (): string => `${JSON.stringify(asyncApiDocument('1'), null, 2)}\n`
