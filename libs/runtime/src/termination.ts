import { closeSync, openSync } from 'node:fs'
import { environmentVariable } from './environment.ts'

/** How often it is checked whether the parent process still runs. */
const POLL_MS = 250
/** The terminal that a process belongs to, whatever its input and output are. */
const TERMINAL = '/dev/tty'

/**
 * Calls `end` at SIGTERM, at Ctrl-C, when the terminal is closed, and when the parent process has ended whose id is in RONDO_WRAPPER. A
 * killed parent sends no signal, and a server without a parent would hold its port for ever.
 * @param end called with what ends the process: the name of the signal, or a clause
 * @param onHangup called at a SIGHUP that an operator has sent; without it the signal ends the process
 */
export function onTermination(end: (cause: string) => void, onHangup: () => void = () => end('SIGHUP')): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end)
  const hadTerminal = hasTerminal()
  process.on('SIGHUP', () => (isClosedTerminal(hadTerminal) ? end('its terminal was closed') : onHangup()))
  const wrapper = Number(environmentVariable('RONDO_WRAPPER'))
  if (wrapper === process.ppid) tellWrapper(wrapper)
  // The wrapper is not the parent, and it runs: the process between them ends this one.
  if (!Number.isInteger(wrapper) || (wrapper !== process.ppid && isRunning(wrapper))) return
  const watch = setInterval(() => {
    if (process.ppid === wrapper) return
    clearInterval(watch)
    end('the process that started it has ended')
  }, POLL_MS)
  watch.unref()
}

/** Tells the wrapper that a SIGHUP does not end this process any more (scripts/hangup.mjs). A running process that does not listen for SIGCONT ignores it. */
function tellWrapper(wrapper: number): void {
  if (process.platform === 'win32') return
  try {
    process.kill(wrapper, 'SIGCONT')
  } catch {
    // The wrapper has ended, and this process will end too.
  }
}

/** Whether a SIGHUP came from a terminal that was closed: a process loses its terminal before it gets the signal. Windows has no other cause. */
function isClosedTerminal(hadTerminal: boolean): boolean {
  return process.platform === 'win32' || (hadTerminal && !hasTerminal())
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync(TERMINAL, 'r'))
    return true
  } catch {
    return false
  }
}

/** Whether a process runs. Signal 0 is not sent; EPERM means that the process belongs to another user. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
