/** Values that a schema takes, and values that it refuses, each with the path of the field it is refused for. */
export interface Examples {
  good: readonly unknown[]
  bad: readonly (readonly [value: unknown, path: string])[]
}
