/** Milliseconds that the thread has run during `work`, so that other work on the machine counts for less. */
export function coreMs(work: () => void): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
