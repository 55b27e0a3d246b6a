// Runs work that two commands of one checkout may not do at the same time, such as an installation or a build. It is plain JavaScript for
// Node 20 and later, because it runs before packages are installed.
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const BEAT_MS = 1000
/**
 * A holder that has not touched its file for this time is dead, unless a process that it named runs. Its process id is no proof, because it
 * may belong to another process now. On a busy machine a live holder may be late by seconds.
 */
const SILENT_MS_MAX = 60_000
/** After this time a named process whose holder is dead has ended. */
const ORPHAN_MS_MAX = 1_800_000
const POLL_MS = 250
/** This wait is longer than the time between reading the file of a dead holder and removing it. */
const SURE_MS = 100

/**
 * Runs `work` while no other process of this machine does so for the same file. The file names the holder. The holder touches it each
 * second, so the lock of a killed holder ends.
 * @param path the file
 * @param onWait called once, with the holder's process id, if there is another holder
 * @param work may name a process that continues after this process is killed, as npm does. The lock is held while the named process runs
 * @returns the result of `work`
 */
export async function exclusively(path, onWait, work) {
  mkdirSync(dirname(path), { recursive: true })
  const token = randomUUID()
  const holder = { token, pid: process.pid, worker: undefined }
  for (let waited = false; !(await taken(path, holder)); await sleep(POLL_MS)) {
    const other = holderOf(path)
    if (other === undefined) continue
    if (isDead(path, other)) rmSync(path, { force: true })
    else if (!waited) onWait(other.worker ?? other.pid)
    waited ||= !isDead(path, other)
  }
  const beat = setInterval(() => touch(path), BEAT_MS)
  const drop = () => {
    if (holderOf(path)?.token === token) rmSync(path, { force: true })
  }
  process.once('exit', drop)
  try {
    return await work((worker) => writeFileSync(path, JSON.stringify({ ...holder, worker })))
  } finally {
    clearInterval(beat)
    process.off('exit', drop)
    drop()
  }
}

/**
 * Whether the lock belongs to `holder` now. Two processes may find the same dead holder. Then the second one deletes the file of the first
 * one, so the first one checks its file after a wait.
 */
async function taken(path, holder) {
  try {
    writeFileSync(path, JSON.stringify(holder), { flag: 'wx' })
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
  await sleep(SURE_MS)
  return holderOf(path)?.token === holder.token
}

/** The holder of the lock; undefined if there is no holder, or if its file is being written. */
function holderOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return isSilent(path) ? { pid: 0 } : undefined
  }
}

function isDead(path, { pid, worker }) {
  // The process id may belong to another process now.
  if (worker !== undefined && runs(worker)) return ageMs(path) > ORPHAN_MS_MAX || isOfEarlierBoot(path)
  return isSilent(path) || !runs(pid)
}

function touch(path) {
  const now = new Date()
  try {
    utimesSync(path, now, now)
  } catch {
    // A user deleted the file.
  }
}

const ageMs = (path) => Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
const isSilent = (path) => ageMs(path) > SILENT_MS_MAX
/** After a start of the machine process ids are used again. */
const isOfEarlierBoot = (path) => ageMs(path) > uptime() * 1000

/** Process 0 means no process. */
function runs(pid) {
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
