import type { Instant } from '#contracts'

/**
 * Reads history: the relations `actors`, `transitions`, `stays`, `active`, `traits` and `as_of` ([columns](../README.md)). All questions take one, so that
 * they can be asked of a file, of a part of it in a test, and inside of a snapshot.
 */
export interface HistoryReader {
  /**
   * The rows of one statement. Whole numbers of any size in SQL come as numbers, and are checked to be exact.
   * @param values bound as `$name`
   * @throws RondoError RONDO_HISTORY_UNAVAILABLE (retriable) if the file cannot be read now
   */
  rows<Row>(sql: string, values?: HistoryValues): Promise<Row[]>
  /**
   * Gives the columns of a statement, chunk by chunk in its order, for millions of numbers: as rows they would fill the memory. Columns that are DOUBLE in
   * SQL are not copied.
   * @param take is called with the columns of each chunk before the next one is read; it must not keep them, and not ask anything itself
   * @throws RondoError as `rows`
   */
  numbers(sql: string, take: TakeNumbers): Promise<void>
  /** The log time up to which history is complete: the least of the partitions; minus infinity before the first. */
  asOf(): Promise<Instant>
  /** Asks several questions of one state of history: no batch of the follower comes between them. */
  snapshot<Answer>(questions: (reader: HistoryReader) => Promise<Answer>): Promise<Answer>
}

/** Takes the columns of a chunk, all of one length. */
export type TakeNumbers = (...columns: Float64Array[]) => void

/** Values of the parameters of a statement. */
export type HistoryValues = Readonly<Record<string, string | number | null>>
