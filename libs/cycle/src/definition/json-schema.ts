import { cycleDefinitionSchema } from '#contracts'

/**
 * The JSON Schema (2020-12) of definitions, for editors that complete and check while a person writes.
 * It describes the form of a definition. The names that a definition uses are checked only by readDefinition.
 */
export function definitionJsonSchema(): object {
  const schema = cycleDefinitionSchema.toJSONSchema({ io: 'input', target: 'draft-2020-12' })
  // Zod numbers the recursive schemas. A name is clearer in an editor, and does not change when other schemas are added.
  return JSON.parse(JSON.stringify({ title: 'Rondo cycle definition', ...schema }).replaceAll('__schema0', 'condition')) as object
}
