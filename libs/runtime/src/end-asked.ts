import { environmentVariable } from './environment.ts'

const LOOK_MS = 250

/**
 * Calls `end` when the process is to end: at SIGTERM, at Ctrl-C, when its terminal is closed, and when the process is gone that started it
 * and said so (RONDO_WRAPPER is its id). That one may have been killed, and a server that nobody sees would hold its port for ever.
 */
export function onEndAsked(end: () => void): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end)
  const wrapper = Number(environmentVariable('RONDO_WRAPPER'))
  // Somebody between the two, who runs on, has to see to it himself.
  if (!Number.isInteger(wrapper) || (wrapper !== process.ppid && runs(wrapper))) return
  const watch = setInterval(() => {
    if (process.ppid === wrapper) return
    clearInterval(watch)
    end()
  }, LOOK_MS)
  watch.unref()
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
