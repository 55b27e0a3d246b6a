import { openSync, writeSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
import { environmentVariable } from './environment.ts'

const path = environmentVariable('RONDO_FAULT_LOG')
const descriptor = path === undefined ? undefined : openSync(path, 'a')

/** `PHASE EDGE MILLISECONDS`: how long to wait at that edge of that phase. */
const [heldPhase, heldEdge, heldMs] = environmentVariable('RONDO_FAULT_HOLD')?.split(' ') ?? []
const waitCell = new Int32Array(new SharedArrayBuffer(4))

/**
 * Notes that the process enters or leaves a phase (`group-commit`, `state-transaction`, `checkpoint`, `restore`, `import`, `release`, `settlement`, `catch-up`, `reload`,
 * `archive-rename`, `log-compact`), so that a crash suite finds in the file of RONDO_FAULT_LOG which phase its SIGKILL interrupted: the line is in the file when this returns, also if the
 * process dies next. One line each: process id, thread, phase, `enter` or `leave`. Does nothing if the variable is not set.
 *
 * Some phases are too short for a kill from outside. If RONDO_FAULT_HOLD names one, the thread writes `held` and waits there: after its `enter`,
 * or before its `leave`.
 */
export function faultPoint(phase: string, edge: 'enter' | 'leave'): void {
  if (descriptor === undefined) return
  if (edge === 'leave') holdAt(phase, edge)
  writeSync(descriptor, `${process.pid} ${threadId} ${phase} ${edge}\n`)
  if (edge === 'enter') holdAt(phase, edge)
}

function holdAt(phase: string, edge: string): void {
  if (phase !== heldPhase || edge !== heldEdge || descriptor === undefined) return
  writeSync(descriptor, `${process.pid} ${threadId} ${phase} held\n`)
  Atomics.wait(waitCell, 0, 0, Number(heldMs))
}

/** Runs `work` between {@link faultPoint}s. A phase that throws is left as well. */
export function inPhase<T>(phase: string, work: () => T): T {
  if (descriptor === undefined) return work()
  faultPoint(phase, 'enter')
  try {
    return work()
  } finally {
    faultPoint(phase, 'leave')
  }
}

/** The phases that the threads of a process were in, from the lines of its fault points: entered and not left, outermost first. */
export function phasesAtDeath(faultLog: string, pid: number): string[] {
  const open = new Map<string, string[]>()
  for (const line of faultLog.split('\n')) {
    const [process, thread, phase, edge] = line.split(' ')
    if (process !== String(pid) || thread === undefined || phase === undefined) continue
    const stack = open.get(thread) ?? []
    if (edge === 'enter') stack.push(phase)
    else if (edge === 'leave' && stack.lastIndexOf(phase) >= 0) stack.splice(stack.lastIndexOf(phase), 1)
    open.set(thread, stack)
  }
  return [...open.values()].flat()
}
