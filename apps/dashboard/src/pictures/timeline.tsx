import type { Receipt, StageCount } from '../answers/answers.ts'
import { zone } from '../answers/shown-cycle.ts'
import { stageTitle } from '../answers/stage-title.ts'
import { dayName, periodName } from '../format/times.ts'
import { accentOf } from '../parts/accent.ts'
import { useWidth } from '../parts/measured.ts'
import { calendarTicks, staysOf } from './timeline-layout.ts'

const HEIGHT = 52
const BAND = { y: 6, height: 18 }

/** What a timeline shows. */
interface TimelineProps {
  readonly history: readonly Receipt[]
  readonly stages: readonly StageCount[]
  readonly until: number
}

/** The stays of an actor as a band over time; the list below says the same in words. */
export function Timeline({ history, stages, until }: TimelineProps) {
  const [place, width] = useWidth<HTMLDivElement>()
  const stays = staysOf(history, until)
  const first = stays[0]?.from
  const title = (id: string): string => stageTitle(stages, id)
  if (first === undefined) return null
  const scale = (at: number): number => (until === first ? 0 : ((at - first) / (until - first)) * width)
  const notices = history.filter(({ output, retracted }) => output.kind === 'notice' && !retracted).map(({ output }) => Date.parse(output.at))
  return (
    <div ref={place} class="timeline">
      {width === 0 ? null : (
        <svg
          viewBox={`0 0 ${width} ${HEIGHT}`}
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={`Stages since ${dayName(first, zone.value)}: ${stays.map(({ stage }) => title(stage)).join(', ')}`}
        >
          {stays.map(({ stage, from, until: end }) => (
            <g key={from} class={accentOf(stages, stage)}>
              <title>{`${title(stage)}, ${dayName(from, zone.value)} to ${dayName(end, zone.value)}`}</title>
              <rect class="stay" x={scale(from)} y={BAND.y} width={Math.max(2, scale(end) - scale(from) - 1.5)} height={BAND.height} rx={3} />
              {scale(end) - scale(from) > title(stage).length * 7.5 + 12 ? (
                <text class="stay-title" x={scale(from) + 7} y={BAND.y + 13}>
                  {title(stage)}
                </text>
              ) : null}
            </g>
          ))}
          {notices.map((at) => (
            <path key={at} class="notice-mark" d={`M${scale(at)} ${BAND.y - 5}l3.5 5h-7z`} />
          ))}
          {calendarTicks(first, until, Math.max(2, Math.floor(width / 90))).map((at) => (
            <text key={at} class="tick" x={Math.min(width - 30, Math.max(24, scale(at)))} y={HEIGHT - 8} text-anchor="middle">
              {periodName(at, 'month', 'UTC')}
            </text>
          ))}
        </svg>
      )}
    </div>
  )
}
