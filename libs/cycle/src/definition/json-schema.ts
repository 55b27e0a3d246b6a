import { cycleDefinitionSchema } from '#contracts'

/**
 * The JSON Schema (2020-12) of definitions, for editors that complete and underline while one is written.
 * It says what form a definition has; which names it may use only readDefinition can tell.
 */
export function definitionJsonSchema(): object {
  const schema = cycleDefinitionSchema.toJSONSchema({ io: 'input', target: 'draft-2020-12' })
  // Zod numbers the recursive schemas; a name says more in an editor, and stays the same when others are added.
  return JSON.parse(JSON.stringify({ title: 'Rondo cycle definition', ...schema }).replaceAll('__schema0', 'condition')) as object
}
