import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../root.ts'

/** The text of `npm run cluster -- --help`. */
export const HELP = `Rondo on Kafka, on this machine: a real broker (fetched by Maven, run by Java), a real Redis, and the apps, until Ctrl-C.

Usage: npm run cluster -- [options]
  --ingest NUMBER      how many processes of ingest (1)
  --processors NUMBER  of processors (2)
  --partitions NUMBER  of the topics (3, or as many as are in the --data folder)
  --definition FILE    the cycle to walk everyone through (deploy/cycles/shopper.yaml)
  --data FOLDER        keep the topics and what is in Redis there, and continue with them at the next start;
                       without it everything lies in a temporary folder and is gone at the end
  --no-demo            without the purchases of a CD shop, which come with Rondo
  --port NUMBER        ports from here on (8080); 0 for any that are free
  --help

It ends all that it has started at Ctrl-C, at SIGTERM, when its terminal is closed, and when one of them ends by itself, which is named.
`

/** The arguments of `npm run cluster`. */
export interface ClusterFlags {
  readonly ingest: number
  readonly processors: number
  /** Undefined if it is not given. */
  readonly partitions: number | undefined
  readonly definition: string
  readonly data: string | undefined
  readonly demo: boolean
  readonly port: number
}

const options = {
  ingest: { type: 'string', default: '1' },
  processors: { type: 'string', default: '2' },
  partitions: { type: 'string' },
  definition: { type: 'string', default: 'deploy/cycles/shopper.yaml' },
  data: { type: 'string' },
  demo: { type: 'boolean', default: true },
  port: { type: 'string', default: '8080' },
  help: { type: 'boolean', default: false },
} as const

const numbers = { ingest: [0, 10], processors: [0, 10], partitions: [1, 1000], port: [0, 65_400] } as const

/** The options of the arguments, and all their defects. */
export function readClusterFlags(args: readonly string[]): { flags: ClusterFlags; defects: string[]; help: boolean } {
  try {
    const { values } = parseArgs({ args: [...args], options, allowNegative: true })
    const { ingest, processors, partitions, port, definition, data, demo, help } = values
    const defects = Object.entries(numbers).flatMap(([name, [min, max]]) => {
      const text = values[name as keyof typeof numbers]
      const isGood = text === undefined || (/^\d{1,6}$/.test(text) && Number(text) >= min && Number(text) <= max)
      return isGood ? [] : [`--${name}: expected a number from ${min} to ${max}, found ${text}`]
    })
    const file = resolve(root, definition)
    if (!existsSync(file)) defects.push(`--definition: there is no file ${file}`)
    if (data === '') defects.push('--data: expected a folder')
    const counts = { ingest: Number(ingest), processors: Number(processors), partitions: partitions === undefined ? undefined : Number(partitions) }
    const folder = data === undefined ? undefined : resolve(root, data)
    return { flags: { ...counts, port: Number(port), definition: file, data: folder, demo }, defects, help }
  } catch (error) {
    const flags = { ingest: 0, processors: 0, partitions: undefined, definition: '', data: undefined, demo: false, port: 0 }
    return { flags, defects: [(error as Error).message], help: args.includes('--help') }
  }
}
