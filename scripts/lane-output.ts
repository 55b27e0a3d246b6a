/** The output of a lane of steps. `write` shows text at once if all earlier lanes have ended. Otherwise the text is shown when they have ended. */
export interface LaneOutput {
  write(text: string | Buffer): void
  end(): void
}

/** The output of a lane that waits until the lanes before it have ended. */
interface Lane {
  held: (string | Buffer)[]
  hasEnded: boolean
}

/**
 * The outputs of lanes that run in parallel. They are shown one lane after the other, so that lines of different lanes do not mix.
 */
export function laneOutputs(count: number, write: (text: string | Buffer) => void): LaneOutput[] {
  const lanes: Lane[] = Array.from({ length: count }, () => ({ held: [], hasEnded: false }))
  const flush = (): void => {
    const current = lanes.findIndex(({ hasEnded }) => !hasEnded)
    for (const lane of current === -1 ? lanes : lanes.slice(0, current + 1)) for (const text of lane.held.splice(0)) write(text)
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
