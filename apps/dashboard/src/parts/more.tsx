import type { Pages } from '../answers/use-pages.ts'
import { count } from '../format/numbers.ts'

/** How much of a list is shown, and the rest of it on demand. */
export function More<Answer, Item>({
  pages,
  listed,
  total,
}: {
  readonly pages: Pages<Answer, Item>
  readonly listed: number
  /** How many the whole list has, if that is known. */
  readonly total: number | undefined
}) {
  const { hasMore, readMore, failure } = pages
  return (
    <>
      {failure === undefined ? null : <p class="refused">{failure}</p>}
      <p class="more">
        <span class="quiet-text" data-listed>
          {total === undefined ? `${count(listed)} listed` : `${count(listed)} of ${count(total)} listed`}
        </span>
        {hasMore ? (
          <button type="button" onClick={() => void readMore()}>
            Show more
          </button>
        ) : null}
      </p>
    </>
  )
}
