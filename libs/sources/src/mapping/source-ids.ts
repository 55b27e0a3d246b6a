import { hash } from 'node:crypto'
import { ID_BYTES_MAX, type SourceDefinition } from '#contracts'
import { idDefect } from '../rows/bounds.ts'
import type { ReadRecord } from './source-record.ts'

/** What the events of one source are known by. No id of one form can be one of another: a source's name has none of the marks. */
export interface SourceIds {
  /** Of an event that has an id of its own. One that no event may have stays as it is, to be refused. */
  own(id: string): string
  /** Of an event without one: where its record stands, and which of the record's events it is. Read again, it is the same. */
  ofPlace(read: ReadRecord, index?: number): string
}

/**
 * Two tables number their rows from 1 each, and every event would vanish as a copy of the other's. So an id counts within its source, unless
 * the source says that its ids are everybody's.
 */
export function sourceIds({ name, idScope }: SourceDefinition): SourceIds {
  return {
    own(id) {
      return idScope === 'global' || idDefect(id) !== undefined ? id : within(name, `${name}:${id}`)
    },
    ofPlace({ record: { topic, partition, offset } }, index) {
      return within(name, `${name}@${topic}-${partition}-${offset}${index === undefined ? '' : `-${index}`}`)
    },
  }
}

/** What does not fit with the name before it is known by its hash. */
function within(name: string, id: string): string {
  return Buffer.byteLength(id) <= ID_BYTES_MAX ? id : `${name}#${hash('sha256', id, 'base64url')}`
}
