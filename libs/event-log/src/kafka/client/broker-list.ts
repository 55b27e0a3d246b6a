const BROKER = /^[^\s,:]+:(\d{1,5})$/

/** The form that {@link readBrokers} expects. */
export const BROKERS_EXPECTED = 'expected host:port, or several with commas between them, with ports from 1 to 65535'

/** @returns host:port of each broker; undefined if the text has another form */
export function readBrokers(text: string): string[] | undefined {
  const brokers = text.split(',')
  return brokers.every(isBroker) ? brokers : undefined
}

function isBroker(text: string): boolean {
  const port = Number(BROKER.exec(text)?.[1] ?? 0)
  return port >= 1 && port <= 65_535
}
