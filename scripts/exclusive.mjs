// One at a time: what two commands of one checkout may not do at once (installing, building). Plain JavaScript for Node 20 and later: it
// runs before anything is installed.
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const BEAT_MS = 1000
/** A holder without a sign of life for so long is dead, unless a process that it named still runs: its process id may belong to another. On a busy machine a live one may be silent for seconds. */
const SILENT_MS_MAX = 60_000
/** A named process that has lost its holder has ended by then. */
const ORPHAN_MS_MAX = 1_800_000
const POLL_MS = 250
/** Longer than the time from reading a dead holder's file to its removal. */
const SURE_MS = 100

/**
 * Runs `work` while no other process of this machine does so for the same file. The file names the holder, which touches it each
 * second, so that a killed holder does not keep it for ever.
 * @param path the file
 * @param onWait called once, with the holder's process id, if there is another holder
 * @param work may name a process that continues when this one is killed (npm does): while that one runs, the lock is held
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

/** Whether the file is ours. Two processes may have found the same dead holder: the second deletes the file of the first, which notices it. */
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

/** Undefined if there is none, or its file is being written. */
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
    // A user has deleted it.
  }
}

const ageMs = (path) => Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
const isSilent = (path) => ageMs(path) > SILENT_MS_MAX
/** Process ids begin again when the machine does. */
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
