import type { LogPoller, StallCause } from '#process'
import type { GenerationHandover } from '#projections'

/** The reason why the processors commit no later log time, from the data that serving has. */
export function stallCauseOf(
  partition: number,
  { cycle, positions }: Pick<GenerationHandover, 'positions'> & { readonly cycle?: string },
  poller: Pick<LogPoller, 'defectOf' | 'activityEnd'>,
): StallCause {
  const defect = poller.defectOf(partition, cycle)
  if (defect !== undefined) return { reason: defect.reason, text: `of this: ${defect.text.replace(/\.$/, '')}` }
  const [offset, end] = [positions[partition]?.offset ?? -1, poller.activityEnd(partition)]
  if (end > offset + 1) return { reason: 'behind', text: `the processors have folded offset ${offset} of ${end - 1}: they are behind or do not run` }
  return { reason: 'no-tick', text: 'nothing comes in that moves it: no ingest process runs, or a writer holds it; the probe of a processor says which' }
}
