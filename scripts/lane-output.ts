/** The output of a lane of steps: `write` shows text at once while it is the lane's turn; otherwise it is kept until the lanes before it have ended. */
export interface LaneOutput {
  write(text: string | Buffer): void
  end(): void
}

interface Lane {
  held: (string | Buffer)[]
  hasEnded: boolean
}

/**
 * Outputs of lanes that run in parallel; only one lane at a time is shown at once, so that lines of different lanes do not mix.
 * The first lane has the turn; each other lane gets it, and its kept text is shown, when the lanes before it have ended.
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
