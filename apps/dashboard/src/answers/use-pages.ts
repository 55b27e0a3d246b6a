import { useEffect, useState } from 'preact/hooks'
import { getAnswer, Refused } from './get-answer.ts'
import { type Loaded, type Refreshing, useAnswer } from './use-answer.ts'

/** An answer that is read page by page. */
export interface PageOf<Item> {
  readonly items: readonly Item[]
  /** The cursor of the next page; null at the end. */
  readonly next: string | null
}

/** A list as far as it has been read. */
export interface Pages<Answer, Item> {
  readonly first: Loaded<Answer>
  /** What follows the first page. */
  readonly more: readonly Item[]
  readonly hasMore: boolean
  readonly readMore: () => Promise<void>
  /** Why the next page could not be read. */
  readonly failure: string | undefined
}

/** The list behind a path: its first page, asked for again after a time, and those that somebody asks for. When `key` changes, the list begins again. */
export function usePages<Item, Answer extends PageOf<Item>>(path: string | null, key: unknown, refreshing: Refreshing = {}): Pages<Answer, Item> {
  const first = useAnswer<Answer>(path, refreshing)
  const [more, setMore] = useState<PageOf<Item> | undefined>(undefined)
  const [failure, setFailure] = useState<string | undefined>(undefined)
  useEffect(() => {
    setMore(undefined)
    setFailure(undefined)
  }, [path, key])
  const next = more === undefined ? first.answer?.next : more.next
  const readMore = async (): Promise<void> => {
    try {
      const page = await getAnswer<Answer>(`${path}&after=${encodeURIComponent(next ?? '')}`)
      setMore({ items: [...(more?.items ?? []), ...page.items], next: page.next })
      setFailure(undefined)
    } catch (error) {
      setFailure(error instanceof Refused ? error.message : String(error))
    }
  }
  return { first, more: more?.items ?? [], hasMore: next !== null && next !== undefined, readMore, failure }
}
