import { z } from 'zod'
import * as contracts from '#contracts'
import { examples } from '../libs/contracts/src/examples.ts'

const exported: [string, unknown][] = Object.entries(contracts)

/** Every schema that libs/contracts exports, by the name of the export. */
export const schemas: ReadonlyMap<string, z.ZodType> = new Map(exported.filter((entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType))

/** `activityEventSchema` is written as `activity-event.json`. */
export const fileOf = (name: string): string => `${name.replace(/Schema$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.json`

/** File names and texts of the JSON Schemas (2020-12). They describe what is written, so keys with a default may be left out. */
export function jsonSchemas(): ReadonlyMap<string, string> {
  const texts = [...schemas].map(([name, schema]): [string, string] => {
    const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' })
    const examplesOf = examples[name]?.good ?? []
    return [fileOf(name), `${JSON.stringify({ $schema, ...rest, examples: examplesOf }, null, 2)}\n`]
  })
  return new Map(texts)
}
