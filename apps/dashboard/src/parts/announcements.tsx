import { useSignalEffect } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { FeedItem } from '../answers/answers.ts'
import { arrived } from '../answers/live.ts'

const EVERY_MS = 5000

/** Says to screen readers from time to time what came, in one sentence. */
export function Announcements() {
  const waiting = useRef<FeedItem[]>([])
  const [news, setNews] = useState('')
  useSignalEffect(() => {
    waiting.current.push(...arrived.value)
  })
  useEffect(() => {
    const timer = setInterval(() => {
      const items = waiting.current.splice(0)
      const words = items.at(-1)?.words
      if (words !== undefined) setNews(items.length === 1 ? words : `${items.length} new transitions, the last: ${words}`)
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <p id="news" class="unseen" aria-live="polite">
      {news}
    </p>
  )
}
