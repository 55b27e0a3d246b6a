/** Where a lane of steps writes: to `write` at once while it has the turn, else held back until the lanes before it have ended. */
export interface LaneOutput {
  write(text: string | Buffer): void
  end(): void
}

interface Lane {
  held: (string | Buffer)[]
  hasEnded: boolean
}

/**
 * Outputs for lanes that run beside each other, of which one at a time is seen as it comes: so a reader follows one step, and no line of
 * another comes between. The first has the turn; each of the others gets it, with all that was held back, when those before it have ended.
 */
export function laneOutputs(count: number, write: (text: string | Buffer) => void): LaneOutput[] {
  const lanes: Lane[] = Array.from({ length: count }, () => ({ held: [], hasEnded: false }))
  const flush = (): void => {
    const turn = lanes.findIndex(({ hasEnded }) => !hasEnded)
    for (const lane of turn === -1 ? lanes : lanes.slice(0, turn + 1)) for (const text of lane.held.splice(0)) write(text)
  }
  return lanes.map((lane) => ({
    write(text) {
      lane.held.push(text)
      flush()
    },
    end() {
      lane.hasEnded = true
      flush()
    },
  }))
}
