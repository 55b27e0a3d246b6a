import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** The width of an element in pixels, as it changes: pictures are laid out for it, so that their text keeps its size. */
export function useWidth<E extends Element>(): [RefObject<E | null>, number] {
  const place = useRef<E>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = place.current
    if (element === null) return
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.getBoundingClientRect().width)))
    observer.observe(element)
    setWidth(Math.floor(element.getBoundingClientRect().width))
    return () => observer.disconnect()
  }, [])
  return [place, width]
}

/** Whether the content of an element is wider than the element: then it must be reachable by the keyboard, to be scrolled. */
export function useOverflow<E extends Element>(): [RefObject<E | null>, boolean] {
  const [place, width] = useWidth<E>()
  const [isWider, setWider] = useState(false)
  useLayoutEffect(() => {
    const element = place.current
    if (element !== null) setWider(element.scrollWidth > width + 1)
  })
  return [place, isWider]
}
