import type { RemarksAnswer } from '../answers/answers.ts'
import { inCycle } from '../answers/shown-cycle.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { Card } from '../parts/states.tsx'

const EVERY_MS = 30_000

/** Remarks: events that match no signal, values that were not counted, suspicious ids. Nothing while there are none. */
export function Remarks() {
  const words = useAnswer<RemarksAnswer>(inCycle('remarks'), { everyMs: EVERY_MS }).answer?.words ?? []
  if (words.length === 0) return null
  return (
    <Card title="Worth a look" id="remarks">
      <ul class="notes">
        {words.map((text) => (
          <li key={text}>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part))}</li>
        ))}
      </ul>
    </Card>
  )
}
