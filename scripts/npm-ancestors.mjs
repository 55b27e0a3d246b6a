// An app ends with the npm that runs it. Plain JavaScript for Node 20 and later, like bootstrap.mjs.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const POLL_MS = 250
/** npm starts a shell. The shell may be the parent of this process, or this process may have replaced it. */
const GENERATIONS_MAX = 3

/**
 * Calls `end` when npm has ended, also after a kill. When npm ends it ends at most the shell between npm and this process, not this process.
 * Without this the app would continue without npm, and hold its port. Does nothing if npm did not start this process.
 */
export function endWithNpm(end) {
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return
  const parent = process.ppid
  let npm
  const watch = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || runs(npm))) return
    clearInterval(watch)
    end()
  }, POLL_MS)
  watch.unref()
  findNpm(parent).then(
    (pid) => {
      npm = pid
    },
    () => {}, // A machine without ps: the parent alone is watched.
  )
}

/** The nearest ancestor process that is npm; undefined if no near ancestor is npm. The shell of the user is not watched, although it may end before the app. */
async function findNpm(from) {
  for (let pid = from, generation = 0; generation < GENERATIONS_MAX && pid > 1; generation++) {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'ppid=,args=', '-p', String(pid)])
    const [, parent, command] = /^\s*(\d+)\s+(.*)/.exec(stdout) ?? []
    if (command === undefined) return undefined
    if (/^(npm|npx)\b|\/np[mx](-cli)?(\.js)?\b/.test(command)) return pid
    pid = Number(parent)
  }
  return undefined
}

function runs(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}
