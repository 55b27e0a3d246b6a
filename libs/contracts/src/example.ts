/** Values that a schema accepts, and values that it refuses, each with the path of the invalid field. */
export interface Examples {
  good: readonly unknown[]
  bad: readonly (readonly [value: unknown, path: string])[]
}
