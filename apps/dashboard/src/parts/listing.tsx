import type { Freshness } from '../answers/answers.ts'
import type { PageOf, Pages } from '../answers/use-pages.ts'
import { More } from './more.tsx'
import { Picture } from './picture.tsx'
import { Table, type TableOf } from './table.tsx'

interface ListAnswer<Item> extends PageOf<Item> {
  readonly asOf: Freshness
}

/** A list with all that a picture has: its table as far as it has been read, and the rest on demand. */
export function Listing<Item, Answer extends ListAnswer<Item>>(props: {
  readonly title: string
  readonly lead: string
  readonly class: string
  readonly pages: Pages<Answer, Item>
  /** How many the whole list has, if that is known. */
  readonly total: number | undefined
  /** What stands in the place of an empty list. */
  readonly empty: string
  readonly table: (items: readonly Item[]) => TableOf<Item>
}) {
  const { title, lead, pages, total, empty, table } = props
  const all = (answer: Answer): TableOf<Item> => table([...answer.items, ...pages.more])
  return (
    <Picture
      title={title}
      lead={lead}
      class={props.class}
      isTableItself
      loaded={pages.first}
      asOf={({ asOf }) => asOf}
      emptiness={({ items }) => (items.length === 0 ? empty : undefined)}
      table={all}
    >
      {(answer) => (
        <>
          <Table table={all(answer)} />
          <More pages={pages} listed={answer.items.length + pages.more.length} total={total} />
        </>
      )}
    </Picture>
  )
}
