// SIGHUP while a process starts. Without a listener it would end the process, and an operator who reloads too early would stop the server.
// Plain JavaScript for Node 20 and later, like bootstrap.mjs.
import { closeSync, openSync } from 'node:fs'

const HANGUP_EXIT_CODE = 129

/** Ignores a SIGHUP until the app listens for it: an app that has not read its settings yet has nothing to reload. A closed terminal still ends the process. */
export function ignoreEarlyHangup() {
  const hadTerminal = hasTerminal()
  process.on('SIGHUP', () => {
    const isAppListening = process.listenerCount('SIGHUP') > 1
    if (isAppListening) return
    if (process.platform === 'win32' || (hadTerminal && !hasTerminal())) process.exit(HANGUP_EXIT_CODE)
  })
}

/**
 * Sends each SIGHUP of this process to its child, since an operator may have sent it to this process alone. It waits until the child listens, which the child
 * tells by SIGCONT (libs/runtime/src/termination.ts).
 * @param {import('node:child_process').ChildProcess} child
 */
export function forwardHangup(child) {
  let isListening = false
  let isKept = false
  process.on('SIGHUP', () => {
    if (isListening) child.kill('SIGHUP')
    else isKept = true
  })
  process.on('SIGCONT', () => {
    isListening = true
    if (isKept) child.kill('SIGHUP')
    isKept = false
  })
}

function hasTerminal() {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}
