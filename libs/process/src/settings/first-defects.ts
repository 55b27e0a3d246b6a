/** The first texts of a long list, and how many more there are, so that neither a log nor an answer grows with a file that is wrong in each line. */
export function firstDefects(defects: readonly string[], { max }: { readonly max: number }): readonly string[] {
  const more = defects.length - max
  return more <= 0 ? defects : [...defects.slice(0, max), `${more} more ${more === 1 ? 'defect is' : 'defects are'} not listed`]
}
