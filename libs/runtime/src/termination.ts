import { environmentVariable } from './environment.ts'

/** How often it is checked whether the parent process still runs. */
const POLL_MS = 250

/**
 * Calls `end` at SIGTERM, at Ctrl-C, when the terminal is closed, and when the parent process has ended whose id is in RONDO_WRAPPER. A
 * killed parent sends no signal, and a server without a parent would hold its port for ever.
 */
export function onTermination(end: () => void): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end)
  const wrapper = Number(environmentVariable('RONDO_WRAPPER'))
  // The wrapper is not the parent, and it runs: the process between them ends this one.
  if (!Number.isInteger(wrapper) || (wrapper !== process.ppid && isRunning(wrapper))) return
  const watch = setInterval(() => {
    if (process.ppid === wrapper) return
    clearInterval(watch)
    end()
  }, POLL_MS)
  watch.unref()
}

/** Whether a process runs. Signal 0 is not sent; EPERM means that the process belongs to another user. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
