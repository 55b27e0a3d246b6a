import type { Writable } from 'node:stream'
import type { Clock } from '#runtime'
import type { TextOutput } from './text-output.ts'

/** The environment of a command: everything that it reads or writes except the files in its options. */
export interface Terminal {
  readonly input: AsyncIterable<Uint8Array>
  readonly output: TextOutput
  /** Messages for people; on a terminal a line may be rewritten. */
  readonly messages: Pick<Writable, 'write'> & { readonly isTTY?: boolean | undefined }
  /** Whether the output is a terminal that shows colours. */
  readonly colours?: boolean
  readonly clock: Clock
  /** Aborted when the user wants the command to end. */
  readonly stop: AbortSignal
}
