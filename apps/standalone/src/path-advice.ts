import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { FolderHistory, inspectFolder } from '#event-log'
import { PathSample, readPartitionMetadata } from '#pipeline'
import { type LiveDefinition, PathWarnings } from '#process'

/** A folder has one. */
const PARTITION = 0
/** How many of the newest records of the log are looked through for a cycle that was not folded yet. */
const RECORDS_MAX = 5_000

/** Where to look, and which cycles would be folded. */
interface StoredPaths {
  readonly data: string
  readonly definitions: readonly Pick<LiveDefinition, 'cycle'>[]
}

/**
 * The paths of the definitions that no stored event has, for `--validate`: of a cycle that was folded, as the fold has counted; of another one, in the newest
 * records of the log. The folder is one that can be read.
 */
export async function pathAdvice({ data, definitions }: StoredPaths): Promise<readonly string[]> {
  if (!existsSync(join(data, 'log.db'))) return []
  const cycles = definitions.map(({ cycle }) => cycle)
  const warnings = cycles.map((cycle) => ({ cycle, warnings: new PathWarnings(cycle, () => {}), isFolded: false }))
  for (const { cycle, reader } of inspectFolder(data).states) {
    const found = warnings.find((each) => each.cycle.cycle === cycle)
    const text = found && (await reader.partitionMetadata(PARTITION))
    reader.close()
    if (found === undefined || text === undefined) continue
    found.warnings.record(PARTITION, readPartitionMetadata(text)?.paths ?? {})
    found.isFolded = true
  }
  const others = warnings.flatMap(({ cycle, isFolded }) => (isFolded ? [] : [cycle]))
  return [...warnings.flatMap((each) => each.warnings.texts), ...(others.length === 0 ? [] : await sampled(data, others))]
}

async function sampled(data: string, cycles: ConstructorParameters<typeof PathSample>[0]): Promise<readonly string[]> {
  const log = new FolderHistory(data)
  try {
    const sample = new PathSample(cycles)
    const { begin, end } = await log.bounds(PARTITION)
    for await (const record of log.records(PARTITION, Math.max(begin, end - RECORDS_MAX))) sample.saw(record)
    return sample.texts
  } finally {
    log.close()
  }
}
