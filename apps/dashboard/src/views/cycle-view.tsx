import { useMemo } from 'preact/hooks'
import type { Address } from '../address/address.ts'
import { address, addressOf } from '../address/shown-address.ts'
import type { FlowsAnswer, StageCount, StagesAnswer } from '../answers/answers.ts'
import { inCycle, now } from '../answers/shown-cycle.ts'
import { stages as shownStages } from '../answers/shown-stages.ts'
import { stageTitle } from '../answers/stage-title.ts'
import { type Loaded, useAnswer } from '../answers/use-answer.ts'
import { count, counted, share } from '../format/numbers.ts'
import { accentOf } from '../parts/accent.ts'
import { Choice } from '../parts/choice.tsx'
import { CountLink } from '../parts/count-link.tsx'
import { Link } from '../parts/link.tsx'
import { Newest } from '../parts/newest.tsx'
import { Picture } from '../parts/picture.tsx'
import { StageName } from '../parts/stage-name.tsx'
import { type Column, Table, type TableOf } from '../parts/table.tsx'
import { RingPicture } from '../pictures/ring.tsx'
import type { RingFlow } from '../pictures/ring-layout.ts'
import { type MovesBehind, movesBehind } from './behind.ts'
import { RemarksNote } from './remarks-note.tsx'

const HOUR_MS = 3_600_000
const ranges = [
  { name: '24h', title: '24 h', words: 'in the last 24 hours', hours: 24 },
  { name: '7d', title: '7 days', words: 'in the last 7 days', hours: 7 * 24 },
  { name: '30d', title: '30 days', words: 'in the last 30 days', hours: 30 * 24 },
] as const

/** Where everyone is, and how they move: the ring, its table, and the newest transitions. */
export function CycleView() {
  const range = ranges.find(({ name }) => name === address.value.range) ?? ranges[2]
  // The end is a whole hour, so that the same question is asked for an hour.
  const until = Math.ceil(now.value / HOUR_MS) * HOUR_MS
  const since = until - range.hours * HOUR_MS
  const iso = (at: number): string => encodeURIComponent(new Date(at).toISOString())
  const flows = useAnswer<FlowsAnswer>(inCycle(`flows?from=${iso(since)}&until=${iso(until)}`), { everyMs: 5000 })
  const behind: Behind = (moves) => movesBehind({ ...moves, since, until })
  const sums = useMemo(() => sumFlows(flows.answer), [flows.answer])
  const loaded = shownStages.value
  return (
    <div class="split">
      <div class="column">
        <Picture
          title="The cycle"
          class="cycle-picture"
          lead={`Moves ${range.words}. Those who left stand on the outer line, outside of the cycle.`}
          loaded={loaded}
          asOf={({ asOf }) => asOf}
          table={() => flowTable(sums, loaded.answer?.stages ?? [], behind)}
          controls={<Choice name="range" title="Moves of the last" options={ranges} chosen={range.name} />}
        >
          {(answer) => (
            <RingPicture
              stages={answer.stages}
              flows={sums}
              total={answer.total}
              actor={answer.actor}
              range={range.words}
              behind={({ from, to }) => behind({ source: from, to })}
            />
          )}
        </Picture>
      </div>
      <div class="column">
        <StageCard loaded={loaded} flows={sums} range={range.words} behind={behind} />
        <RemarksNote />
        <Newest title="What happened last" most={12} />
      </div>
    </div>
  )
}

/** The list behind moves of the range. */
type Behind = (moves: Pick<MovesBehind, 'source' | 'to'>) => Address

/** The flows of a range, without their hours. */
function sumFlows(answer: FlowsAnswer | undefined): RingFlow[] {
  const sums = new Map<string, RingFlow>()
  for (const { kind, from, to, transitions } of answer?.items ?? []) {
    const key = `${kind} ${from} ${to}`
    sums.set(key, { kind, from, to, transitions: transitions + (sums.get(key)?.transitions ?? 0) })
  }
  return [...sums.values()].sort((a, b) => b.transitions - a.transitions)
}

const words: Readonly<Record<string, string>> = {
  advance: 'moved on',
  regress: 'moved back',
  disengage: 'went away',
  return: 'came back',
  resume: 'is regular again',
  'definition-change': 'by a new definition',
}

function flowTable(flows: readonly RingFlow[], stages: readonly StageCount[], behind: Behind): TableOf<RingFlow> {
  const title = (id: string): string => stageTitle(stages, id, id === 'start' ? 'Start' : id)
  return {
    name: 'The cycle',
    rows: flows,
    keyOf: ({ kind, from, to }) => `${kind} ${from} ${to}`,
    columns: [
      { title: 'From', cell: ({ from }) => <StageName id={from} title={title(from)} stages={stages} />, value: ({ from }) => from },
      { title: 'To', cell: ({ to }) => <StageName id={to} title={title(to)} stages={stages} />, value: ({ to }) => to },
      { title: 'What it is', isMinor: true, cell: ({ kind }) => words[kind] ?? kind, value: ({ kind }) => kind },
      {
        title: 'Moves',
        isNumber: true,
        cell: ({ kind, from, to, transitions }) => (
          <CountLink value={transitions} of={`${words[kind] ?? kind} from ${title(from)} to ${title(to)}`} to={{ ...behind({ source: from, to }), kind }} />
        ),
        value: ({ transitions }) => transitions,
      },
    ],
  }
}

/** What the table of stages shows. */
interface StageCardProps {
  readonly loaded: Loaded<StagesAnswer>
  readonly flows: readonly RingFlow[]
  readonly range: string
  readonly behind: Behind
}

function StageCard({ loaded, flows, range, behind }: StageCardProps) {
  const sum = (keep: (flow: RingFlow) => boolean): number => flows.filter(keep).reduce((total, { transitions }) => total + transitions, 0)
  const table = ({ stages, total, actor }: StagesAnswer): TableOf<StageCount> => {
    const columns: Column<StageCount>[] = [
      { title: 'Stage', cell: (stage) => <StageName id={stage.id} title={stage.title} stages={stages} />, value: ({ title }) => title },
      {
        title: 'Actors',
        isNumber: true,
        cell: ({ id, title, actors }) => (
          <Link to={addressOf('people', { stage: id })} class="count" label={`${count(actors)} in ${title}: open the list`}>
            {count(actors)}
          </Link>
        ),
        value: ({ actors }) => actors,
      },
      { title: 'Share', isNumber: true, cell: ({ actors }) => share(actors, total), value: ({ actors }) => (total === 0 ? null : actors / total) },
      {
        title: 'In',
        isNumber: true,
        isMinor: true,
        cell: ({ id, title }) => <CountLink value={sum(({ to }) => to === id)} of={`entered ${title}`} to={behind({ to: id })} isCompact />,
        value: ({ id }) => sum(({ to }) => to === id),
      },
      {
        title: 'Out',
        isNumber: true,
        isMinor: true,
        cell: ({ id, title }) => <CountLink value={sum(({ from }) => from === id)} of={`left ${title}`} to={behind({ source: id })} isCompact />,
        value: ({ id }) => sum(({ from }) => from === id),
      },
    ]
    return {
      name: 'Where everyone is',
      columns,
      rows: stages,
      keyOf: ({ id }) => id,
      attributesOf: ({ id, kind }) => ({ 'data-stage': id, 'data-kind': kind }),
      footer: (
        <tr>
          <th scope="row">All</th>
          <td class="number" id="total" aria-label={counted(total, actor)}>
            {count(total)}
          </td>
          <td class="number">{total === 0 ? '–' : '100%'}</td>
          <td class="number minor" />
          <td class="number minor" />
        </tr>
      ),
    }
  }
  return (
    <Picture title="Where everyone is" class="stage-card" lead={`In and out ${range}.`} isTableItself loaded={loaded} asOf={({ asOf }) => asOf} table={table}>
      {(answer) => (
        <>
          <ShareBar stages={answer.stages} total={answer.total} />
          <Table table={table(answer)} />
        </>
      )}
    </Picture>
  )
}

/** The shares of all stages in one line. */
function ShareBar({ stages, total }: { readonly stages: readonly StageCount[]; readonly total: number }) {
  let before = 0
  return (
    <svg class="share-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      {stages.map(({ id, actors }) => {
        const width = total === 0 ? 0 : (100 * actors) / total
        const x = before
        before += width
        return <rect key={id} class={accentOf(stages, id)} x={x} y={0} width={Math.max(0, width - 0.25)} height={4} />
      })}
    </svg>
  )
}
