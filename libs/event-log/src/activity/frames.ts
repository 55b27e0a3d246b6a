/** About this many bytes of entries share a frame: brokers would refuse a larger one, and smaller ones cost more for each entry. */
const FRAME_BYTES = 65_536

/** Entries (one JSON text each) packed into frames, in their order. An entry larger than a frame gets one of its own. */
export function packFrames(lines: readonly string[]): string[] {
  const frames: string[] = []
  let begin = 0
  let size = 0
  for (const [at, line] of lines.entries()) {
    if (at > begin && size + line.length > FRAME_BYTES) {
      frames.push(lines.slice(begin, at).join('\n'))
      begin = at
      size = 0
    }
    // One more for the line break.
    size += line.length + 1
  }
  if (begin < lines.length) frames.push(lines.slice(begin).join('\n'))
  return frames
}
