/** The texts of the conditions that hold. */
export const textsOf = (conditions: readonly (readonly [holds: boolean, text: string])[]): string[] =>
  conditions.flatMap(([holds, text]) => (holds ? [text] : []))
