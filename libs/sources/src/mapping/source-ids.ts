import { hash } from 'node:crypto'
import { ID_BYTES_MAX, type SourceDefinition } from '#contracts'
import { idDefect } from '../rows/bounds.ts'
import type { ReadRecord } from './source-record.ts'

/** The ids of the events of one source. No id of one form can equal one of another: a source's name contains none of the marks. */
export interface SourceIds {
  /** For an event with an id. An id that no event may have stays unchanged, to be refused. */
  own(id: string): string
  /** For an event without an id: the place of its record, and its index in the record. The same when it is read again. */
  ofPlace(read: ReadRecord, index?: number): string
}

/**
 * Two tables may both number their rows from 1; without a prefix, events of one table would be dropped as copies of the other's. So an id is
 * unique within its source only, unless the source declares that its ids are unique everywhere.
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

/** An id that is too long with the name before it is replaced by its hash. */
function within(name: string, id: string): string {
  return Buffer.byteLength(id) <= ID_BYTES_MAX ? id : `${name}#${hash('sha256', id, 'base64url')}`
}
