/** Measures how long something takes: begins now. It is not moved by changes of the wall clock. @returns the seconds since then */
export function stopwatch(): () => number {
  const start = performance.now()
  return () => (performance.now() - start) / 1000
}
