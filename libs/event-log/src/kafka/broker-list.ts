const BROKERS = /^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$/

/** What {@link readBrokers} wants. */
export const BROKERS_EXPECTED = 'expected host:port, or several with commas between them'

/** @returns host:port of each broker; undefined where the text is none of that */
export function readBrokers(text: string): string[] | undefined {
  return BROKERS.test(text) ? text.split(',') : undefined
}
