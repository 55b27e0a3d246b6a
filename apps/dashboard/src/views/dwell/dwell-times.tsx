import type { DwellAnswer, StageCount } from '../../answers/answers.ts'
import { stageTitle } from '../../answers/stage-title.ts'
import type { Loaded } from '../../answers/use-answer.ts'
import { count, counted, share } from '../../format/numbers.ts'
import { duration } from '../../format/times.ts'
import { accentOf } from '../../parts/accent.ts'
import { Picture } from '../../parts/picture.tsx'
import { StageName } from '../../parts/stage-name.tsx'
import { Table, type TableOf } from '../../parts/table.tsx'
import { range } from '../../ranges/shown-range.ts'

type Dwell = DwellAnswer['items'][number]

/** How long stays last in each stage. Those that go on are counted as what they are: longer than they are until now. */
export function DwellTimes({ loaded, stages }: { readonly loaded: Loaded<DwellAnswer>; readonly stages: readonly StageCount[] }) {
  return (
    <Picture
      title="How long they stay"
      class="dwell"
      lead={`Stays that began ${range.value?.words ?? ''}. Those that go on are counted too: as longer than they are until now.`}
      isTableItself
      loaded={loaded}
      asOf={({ asOf }) => asOf}
      countedIn={({ timezone }) => timezone}
      emptiness={({ items }) => (items.every(({ stays }) => stays === 0) ? 'No stay began in this time.' : undefined)}
      table={(answer) => dwellTable(answer, stages)}
    >
      {(answer) => <Table table={dwellTable(answer, stages)} />}
    </Picture>
  )
}

const time = (ms: number | null): string => (ms === null ? 'not yet' : duration(ms))
const seconds = (ms: number | null): number | null => (ms === null ? null : Math.round(ms / 1000))

function dwellTable({ items }: DwellAnswer, stages: readonly StageCount[]): TableOf<Dwell> {
  const title = (id: string): string => stageTitle(stages, id)
  const longest = Math.max(1, ...items.map(({ p75, p90, median }) => p75 ?? p90 ?? median ?? 0))
  return {
    name: 'How long they stay',
    rows: items.filter(({ stays }) => stays > 0),
    keyOf: ({ stage }) => stage,
    attributesOf: ({ stage }) => ({ 'data-dwell': stage }),
    columns: [
      { title: 'Stage', cell: ({ stage }) => <StageName id={stage} title={title(stage)} stages={stages} />, value: ({ stage }) => title(stage) },
      { title: 'Stays', isNumber: true, cell: ({ stays }) => count(stays), value: ({ stays }) => stays },
      { title: 'Going on', isNumber: true, isMinor: true, cell: ({ running }) => count(running), value: ({ running }) => running },
      { title: 'A quarter left by', isNumber: true, isMinor: true, cell: ({ p25 }) => time(p25), value: ({ p25 }) => seconds(p25) },
      { title: 'Half left by', isNumber: true, cell: (row) => <Median row={row} />, value: ({ median }) => seconds(median) },
      { title: 'Three quarters left by', isNumber: true, isMinor: true, cell: ({ p75 }) => time(p75), value: ({ p75 }) => seconds(p75) },
      {
        title: 'From a quarter to three quarters',
        isMinor: true,
        cell: (row) => <Span row={row} longest={longest} accent={accentOf(stages, row.stage)} />,
        value: ({ p90 }) => seconds(p90),
      },
      {
        title: 'Then',
        cell: ({ next, stays }) => <Then next={next} stays={stays} stages={stages} title={title} />,
        value: ({ next }) =>
          next
            .map(
              (way) =>
                `${title(way.to)} ${share(
                  way.stays,
                  next.reduce((sum, each) => sum + each.stays, 0),
                )}`,
            )
            .join('; '),
      },
    ],
  }
}

function Median({ row }: { readonly row: Dwell }) {
  const { median, medianLower, medianUpper } = row
  const band = median === null ? undefined : `95 % certain: between ${time(medianLower)} and ${time(medianUpper)}`
  return (
    <strong title={band}>
      {time(median)}
      {band === undefined ? null : <span class="unseen">, {band}</span>}
    </strong>
  )
}

/** The middle half of the stays on a common scale, with the median. */
function Span({ row, longest, accent }: { readonly row: Dwell; readonly longest: number; readonly accent: string }) {
  const { p25, p75, median } = row
  const x = (ms: number): number => (100 * Math.min(ms, longest)) / longest
  if (p25 === null) return null
  return (
    <svg class={`span ${accent}`} viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <line class="plot-line" x1={0} x2={100} y1={5} y2={5} />
      <rect class="span-half" x={x(p25)} width={Math.max(0.8, x(p75 ?? longest) - x(p25))} y={1.5} height={7} />
      {median === null ? null : <rect class="span-median" x={x(median) - 0.5} width={1} y={0} height={10} />}
    </svg>
  )
}

interface ThenProps extends Pick<Dwell, 'next' | 'stays'> {
  readonly stages: readonly StageCount[]
  readonly title: (id: string) => string
}

/** Where the stays led, as shares of all of them. */
function Then({ next, stays, stages, title }: ThenProps) {
  let before = 0
  return (
    <span class="then">
      <svg class="share-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect class="then-rest" x={0} y={0} width={100} height={4} />
        {next.map(({ to, kind, stays: left }) => {
          const x = before
          before += (100 * left) / stays
          return <rect key={`${to} ${kind}`} class={accentOf(stages, to)} x={x} y={0} width={Math.max(0, before - x - 0.25)} height={4} />
        })}
      </svg>
      <span class="quiet-text">
        {next
          .slice(0, 3)
          .map(({ to, stays: left }) => `${title(to)} ${share(left, stays)}`)
          .join(' · ')}
        {next.length > 3 ? (
          <span title={next.map(({ to, stays: left }) => `${title(to)} ${share(left, stays)}`).join(', ')}> · {counted(next.length - 3, 'more', 'more')}</span>
        ) : null}
      </span>
    </span>
  )
}
