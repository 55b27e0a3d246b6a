import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { Freshness as Moment } from '../answers/answers.ts'
import type { Loaded } from '../answers/use-answer.ts'
import { csvText } from '../format/csv.ts'
import { Absent } from './states.tsx'
import { Table, type TableOf } from './table.tsx'
import { Freshness } from './time.tsx'

/** What every picture has beside itself. */
interface PictureProps<Answer, Row> {
  readonly title: string
  /** What the picture says, in one sentence. */
  readonly lead?: ComponentChildren
  readonly loaded: Loaded<Answer>
  readonly asOf: (answer: Answer) => Moment | undefined
  readonly countedIn?: (answer: Answer) => string
  /** The same numbers as rows. */
  readonly table: (answer: Answer) => TableOf<Row>
  /** Whether there is nothing to draw, and why that may be. */
  readonly emptiness?: (answer: Answer) => string | undefined
  readonly controls?: ComponentChildren
  readonly class?: string
  /** Whether the picture is a table by itself. */
  readonly isTableItself?: boolean
  readonly children: (answer: Answer) => ComponentChildren
}

/** A picture with its table, its file, its place in the API, its zone and its freshness; or what there is instead of it. */
export function Picture<Answer, Row>(props: PictureProps<Answer, Row>) {
  const { title, lead, loaded, controls } = props
  const heading = useId()
  const { answer } = loaded
  return (
    <section class={`card picture ${props.class ?? ''}`} aria-labelledby={heading}>
      <header class="card-head">
        <div>
          <h2 id={heading}>{title}</h2>
          {lead === undefined ? null : <p class="lead">{lead}</p>}
        </div>
        {controls}
      </header>
      {answer === undefined ? <Absent loaded={loaded} /> : <Drawn {...props} answer={answer} />}
    </section>
  )
}

/** The picture of an answer, and what stands below it. */
function Drawn<Answer, Row>(props: PictureProps<Answer, Row> & { readonly answer: Answer }) {
  const { answer, title, loaded, asOf, countedIn, table, emptiness, isTableItself = false, children } = props
  const [isTable, setTable] = useState(false)
  const empty = emptiness?.(answer)
  return (
    <>
      {empty === undefined ? isTable ? <Table table={table(answer)} /> : children(answer) : <p class="empty">{empty}</p>}
      <footer class="card-foot">
        <Freshness asOf={asOf(answer)} receivedAt={loaded.receivedAt} countedIn={countedIn?.(answer)} />
        <span class="actions">
          {empty !== undefined || isTableItself ? null : (
            <button type="button" class="quiet" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
              Table<span class="unseen"> of {title}</span>
            </button>
          )}
          {empty !== undefined ? null : (
            <button type="button" class="quiet" onClick={() => download(title, table(answer))}>
              CSV<span class="unseen"> of {title}</span>
            </button>
          )}
          <ApiLink path={loaded.path} title={title} />
        </span>
      </footer>
    </>
  )
}

/** The request that a picture stands on. */
export function ApiLink({ path, title }: { readonly path: string | null; readonly title: string }) {
  if (path === null) return null
  return (
    <a class="quiet" href={path} target="_blank" rel="noreferrer">
      API<span class="unseen"> of {title}, in a new tab</span>
    </a>
  )
}

/** Gives the rows as a file. */
function download<Row>(title: string, { columns, rows }: TableOf<Row>): void {
  const text = csvText(
    columns.map((column) => column.title),
    rows.map((row) => columns.map(({ value }) => value(row))),
  )
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.csv`
  link.click()
  URL.revokeObjectURL(url)
}
