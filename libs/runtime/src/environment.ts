/** The value of an environment variable; undefined if it is not set or empty, since `NAME= command` is how a shell user unsets one. */
export function environmentVariable(name: string): string | undefined {
  return process.env[name] || undefined
}

/** The names of the environment variables that have a text. */
export function environmentNames(): string[] {
  return Object.keys(process.env).filter((name) => environmentVariable(name) !== undefined)
}
