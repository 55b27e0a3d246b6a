import { join } from 'node:path'
import type { DataFolder } from '#event-log'

/** A sentence for each state file of the folder that is neither folded nor shown. */
export function unusedStates({ path: folder, states, unused }: Pick<DataFolder, 'path' | 'states' | 'unused'>, cycles: readonly string[]): string[] {
  return unused.map(({ name, cycle, failure }) => {
    const path = join(folder, name)
    if (failure !== undefined)
      return `${path} has the name of a state file and cannot be read as one: it is neither folded nor shown, and until it is moved away or deleted nothing leaves the log when it is trimmed. ${failure.message} (${failure.code})`
    const used = states[cycles.indexOf(cycle)]
    if (used !== undefined)
      return `${path} has a second state of the cycle ${cycle}, which is folded in ${used.stateFile}: this file is neither folded nor shown. Delete it.`
    return `${path} has the state of the cycle ${cycle}, which no definition defines now: it is neither folded nor shown, and stays as it is. Start with its definition to continue it, or delete the file.`
  })
}
