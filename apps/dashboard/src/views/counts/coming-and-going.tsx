import { useMemo } from 'preact/hooks'
import type { CountsAnswer } from '../../answers/answers.ts'
import type { Loaded } from '../../answers/use-answer.ts'
import { count } from '../../format/numbers.ts'
import { periodName } from '../../format/times.ts'
import { accentOf } from '../../parts/accent.ts'
import { CountLink } from '../../parts/count-link.tsx'
import { Picture } from '../../parts/picture.tsx'
import { StageName } from '../../parts/stage-name.tsx'
import type { TableOf } from '../../parts/table.tsx'
import { timeAxis } from '../../pictures/time-axis.ts'
import { UpAndDown } from '../../pictures/up-and-down.tsx'
import { range, thisHour } from '../../ranges/shown-range.ts'
import { movesBehind, peopleAt } from '../behind.ts'

/** What became of one stage in one period. */
interface Change {
  readonly key: string
  readonly from: number
  readonly until: number
  readonly stage: string
  readonly title: string
  readonly before: number
  readonly entered: number
  readonly left: number
  readonly after: number
}

function changesOf({ items, stages }: CountsAnswer): Change[] {
  return items
    .filter(({ from }) => Date.parse(from) < thisHour.value)
    .flatMap(({ from, until, stages: changes }) =>
      stages.flatMap(({ id, title }) => {
        const change = changes[id]
        return change === undefined ? [] : [{ key: `${from} ${id}`, from: Date.parse(from), until: Date.parse(until), stage: id, title, ...change }]
      }),
    )
}

/** For each stage, how many entered it and how many left it in each period. */
export function ComingAndGoing({ counts }: { readonly counts: Loaded<CountsAnswer> }) {
  return (
    <Picture
      title="Who came and who went"
      lead={`Entries above the line, exits below it, ${range.value?.words ?? ''}. Each stage has a scale of its own.`}
      loaded={counts}
      asOf={({ asOf }) => asOf}
      countedIn={({ timezone }) => timezone}
      emptiness={({ items }) =>
        items.every(({ stages }) => Object.values(stages).every(({ entered, left }) => entered + left === 0)) ? 'Nobody moved in this time.' : undefined
      }
      table={(answer) => changeTable(answer)}
    >
      {(answer) => <Multiples answer={answer} />}
    </Picture>
  )
}

function Multiples({ answer }: { readonly answer: CountsAnswer }) {
  const changes = useMemo(() => changesOf(answer), [answer])
  const [first, last] = [changes[0], changes.at(-1)]
  if (first === undefined || last === undefined) return null
  const begins = answer.items.map(({ from }) => Date.parse(from))
  const axis = timeAxis({ from: first.from, until: last.until, begins, by: answer.by, zone: answer.timezone })
  return (
    <div class="multiples">
      {answer.stages.map(({ id, title }) => {
        const own = changes.filter(({ stage }) => stage === id)
        const [entered, left] = [own.reduce((sum, change) => sum + change.entered, 0), own.reduce((sum, change) => sum + change.left, 0)]
        const whole = { since: first.from, until: last.until }
        return (
          <section key={id} class={`multiple ${accentOf(answer.stages, id)}`} data-multiple={id}>
            <h3>
              <StageName id={id} title={title} stages={answer.stages} />
            </h3>
            <p class="quiet-text">
              <CountLink value={entered} of={`entered ${title}`} to={movesBehind({ to: id, ...whole })} /> in,{' '}
              <CountLink value={left} of={`left ${title}`} to={movesBehind({ source: id, ...whole })} /> out
            </p>
            <UpAndDown
              name={`${title}: ${count(entered)} entered and ${count(left)} left`}
              axis={axis}
              bars={own.map((change) => ({
                from: change.from,
                until: change.until,
                up: change.entered,
                down: change.left,
                text: `${periodName(change.from, answer.by, answer.timezone)}: ${count(change.entered)} in, ${count(change.left)} out`,
              }))}
            />
          </section>
        )
      })}
    </div>
  )
}

function changeTable(answer: CountsAnswer): TableOf<Change> {
  const name = ({ from }: Change): string => periodName(from, answer.by, answer.timezone)
  const within = ({ from, until }: Change) => ({ since: from, until })
  const isOpen = ({ until }: Change): boolean => until >= thisHour.value
  return {
    name: 'Who came and who went',
    rows: changesOf(answer).filter(({ before, entered, left }) => before + entered + left > 0),
    keyOf: ({ key }) => key,
    columns: [
      { title: 'Period', cell: name, value: ({ from }) => new Date(from).toISOString() },
      { title: 'Stage', cell: ({ stage, title }) => <StageName id={stage} title={title} stages={answer.stages} />, value: ({ title }) => title },
      { title: 'At its beginning', isNumber: true, isMinor: true, cell: ({ before }) => count(before), value: ({ before }) => before },
      {
        title: 'Entered',
        isNumber: true,
        cell: (row) => <CountLink value={row.entered} of={`entered ${row.title}, ${name(row)}`} to={movesBehind({ to: row.stage, ...within(row) })} />,
        value: ({ entered }) => entered,
      },
      {
        title: 'Left',
        isNumber: true,
        cell: (row) => <CountLink value={row.left} of={`left ${row.title}, ${name(row)}`} to={movesBehind({ source: row.stage, ...within(row) })} />,
        value: ({ left }) => left,
      },
      {
        title: 'At its end',
        isNumber: true,
        cell: (row) => (
          <CountLink value={row.after} of={`in ${row.title} after ${name(row)}`} to={peopleAt(row.stage, { at: row.until, isOpen: isOpen(row) })} />
        ),
        value: ({ after }) => after,
      },
    ],
  }
}
