import type { CycleDefinition, HistoryAnswer } from '../answers/answers.ts'
import { stages } from '../answers/shown-stages.ts'
import { stageTitle } from '../answers/stage-title.ts'
import { duration } from '../format/times.ts'
import { Time } from '../parts/time.tsx'
import { type Deadline, prospectOf, type Way } from '../prospects/prospect.ts'

/** What a prospect is made of. */
interface ProspectProps {
  readonly answer: HistoryAnswer
  readonly definition: CycleDefinition | undefined
  readonly now: number
}

/** The next deadline of an actor, what would prevent it, and where events can lead. */
export function Prospect({ answer, definition, now }: ProspectProps) {
  const { stage, since, history } = answer
  if (stage === null || since === null || definition === undefined) return null
  const outputs = history.filter(({ retracted, output }) => !retracted && output.kind !== 'retraction').map(({ output }) => output)
  const { deadlines, ways, slips } = prospectOf(definition, { stage, since: Date.parse(since), outputs })
  const title = (id: string): string => stageTitle(stages.value.answer?.stages ?? [], id, id === 'previous' ? 'the stage before' : id)
  const [next] = deadlines
  return (
    <div class="prospect">
      <h3>What comes next</h3>
      {next === undefined ? (
        <p>Nothing happens by the passing of time alone.</p>
      ) : (
        <Next deadline={next} to={title(next.to)} now={now} definition={definition} />
      )}
      <Ways words="With events" ways={ways} title={title} />
      <Ways words="While days pass, by what is counted" ways={slips} title={title} />
    </div>
  )
}

function Ways({ words, ways, title }: { readonly words: string; readonly ways: readonly Way[]; readonly title: (id: string) => string }) {
  if (ways.length === 0) return null
  return (
    <p class="quiet-text">
      {words}: {ways.map((way) => `${way.title} → ${title(way.to)}`).join(' · ')}
    </p>
  )
}

/** What the next deadline is shown with. */
interface NextProps {
  readonly deadline: Deadline
  readonly to: string
  readonly now: number
  readonly definition: CycleDefinition
}

function Next({ deadline, to, now, definition }: NextProps) {
  const { at, isExact, isSilence, title } = deadline
  const signals = Object.entries(definition.signals).map(([id, signal]) => signal.title ?? id)
  const iso = new Date(at).toISOString()
  return (
    <>
      <p>
        <strong>
          {isExact ? '' : 'Not before '}
          <Time iso={iso} />
        </strong>
        {at > now ? ` (in ${duration(at - now)})` : ''}: to {to}, because “{title}”.
      </p>
      <p class="quiet-text">
        {isSilence ? `An event before then prevents it: ${signals.join(', ')}.` : 'Only a move to another stage before then prevents it.'}
        {isExact ? '' : ' Events that moved nobody, which are not shown here, make it later.'}
      </p>
    </>
  )
}
