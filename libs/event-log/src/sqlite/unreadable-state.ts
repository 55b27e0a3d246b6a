import type { RondoError } from '#contracts'
import type { TableStatement } from './read-model-tables.ts'
import type { StateReader } from './sqlite-state-reader.ts'

/** Stands for the reader of a state file that cannot be opened: each question is answered with the failure, so that the other cycles are shown. */
export class UnreadableState implements StateReader {
  readonly #failure: RondoError

  constructor(failure: RondoError) {
    this.#failure = failure
  }

  readonly read = async (): Promise<never> => this.#refuse()
  readonly newest = async (): Promise<never> => this.#refuse()
  readonly late = async (): Promise<never> => this.#refuse()
  readonly quarantine = async (): Promise<never> => this.#refuse()
  readonly names = async (): Promise<never> => this.#refuse()
  readonly partitionMetadata = async (): Promise<never> => this.#refuse()
  readonly position = async (): Promise<never> => this.#refuse()
  readonly at = (): never => this.#refuse()
  readonly damaged = (): RondoError => this.#failure
  readonly close = (): void => undefined

  get tables(): StateReader['tables'] {
    const statement: TableStatement = { run: () => this.#refuse(), get: () => this.#refuse(), all: () => this.#refuse() }
    return { prepare: () => statement }
  }

  #refuse(): never {
    throw this.#failure
  }
}
