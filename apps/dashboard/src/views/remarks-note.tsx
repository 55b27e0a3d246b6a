import { addressOf } from '../address/shown-address.ts'
import type { RefusedCounts, RemarksAnswer } from '../answers/answers.ts'
import { inCycle } from '../answers/shown-cycle.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { counted } from '../format/numbers.ts'
import { Link } from '../parts/link.tsx'

const EVERY_MS = 30_000

/** One line that says that events need a look, if some do. */
export function RemarksNote() {
  const remarks = useAnswer<RemarksAnswer>(inCycle('remarks'), { everyMs: EVERY_MS }).answer?.words.length ?? 0
  const refused = useAnswer<RefusedCounts>('/v1/quarantine/counts', { everyMs: EVERY_MS }).answer?.open ?? 0
  const parts = [...(remarks > 0 ? [counted(remarks, 'remark')] : []), ...(refused > 0 ? [counted(refused, 'refused event')] : [])]
  if (parts.length === 0) return null
  return (
    <p class="note">
      <span>Worth a look: {parts.join(' and ')}.</span> <Link to={addressOf('events')}>Open the events</Link>
    </p>
  )
}
