import type { FetchedPartition, FetchedRecord } from '../client/kafka-client.ts'

/**
 * The records of an answer that belong to no aborted transaction, without the markers. A broker sends whole batches and a list of
 * aborted transactions, in no order. kafkajs' own filter expects an ordered list and opens at most one transaction a record, so with
 * several producers in one partition it lets aborted records through.
 */
export function committedRecords({ messages, abortedTransactions }: FetchedPartition): FetchedRecord[] {
  const aborted = (abortedTransactions ?? []).map(({ producerId, firstOffset }) => ({ producerId, firstOffset: Number(firstOffset) }))
  aborted.sort((a, b) => a.firstOffset - b.firstOffset)
  const open = new Set<string>()
  let next = 0
  return messages.filter((record) => {
    for (let begun = aborted[next]; begun !== undefined && begun.firstOffset <= Number(record.offset); begun = aborted[++next]) open.add(begun.producerId)
    const { producerId, inTransaction } = record.batchContext
    if (!record.isControlRecord) return !(inTransaction && open.has(producerId))
    if (isAbortMarker(record)) open.delete(producerId)
    return false
  })
}

/** A marker's key is its version and its type, 16 bits each; type 0 is an abort. */
function isAbortMarker({ key }: FetchedRecord): boolean {
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0
}
