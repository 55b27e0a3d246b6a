import { formatInstant, type Output, parseInstant, type Scenario } from '#contracts'

/** A line of `then`. */
type Expectation = Scenario['then'][number]

/**
 * Compares the lines of `then` with the effective history, line by line: a sentence for each line that differs, is missing or is not
 * expected. Notices are compared only if a line names one.
 */
export function compareHistory(then: readonly Expectation[], history: readonly Output[]): string[] {
  const comparesNotices = then.some(({ notice }) => notice === true)
  const happened = comparesNotices ? history : history.filter(({ kind }) => kind !== 'notice')
  const differences = then.flatMap((expected, index) => {
    const output = happened[index]
    if (output !== undefined && fulfils(output, expected)) return []
    const instead = output === undefined ? 'nothing more happened' : `${outputText(output)} happened`
    return [`then ${index + 1}: expected ${expectationText(expected)}, but ${instead}`]
  })
  const surplus = happened.slice(then.length).map((output) => `after the last line of then: expected nothing more, but ${outputText(output)} happened`)
  return [...differences, ...surplus]
}

function fulfils(output: Output, expected: Expectation): boolean {
  if (instantText(expected.at) !== output.at || (expected.notice === true) !== (output.kind === 'notice')) return false
  return (['to', 'from', 'rule', 'cause'] as const).every((key) => expected[key] === undefined || expected[key] === output[key])
}

function expectationText({ at, from, to, rule, cause, notice }: Expectation): string {
  const path = notice === true ? ['a notice', to ?? from] : [from === undefined ? undefined : `from ${from}`, to === undefined ? undefined : `to ${to}`]
  const details = [rule === undefined ? undefined : `rule ${rule}`, cause === undefined ? undefined : `cause ${cause}`]
  const named = details.filter((detail) => detail !== undefined)
  return [instantText(at), ...path, named.length === 0 ? undefined : `(${named.join(', ')})`].filter((part) => part !== undefined).join(' ')
}

function outputText({ at, kind, from, to, rule, cause }: Output): string {
  return `${at} ${kind === 'notice' ? `a notice ${to}` : `from ${from} to ${to}`} (rule ${rule}, cause ${cause})`
}

const instantText = (text: string): string => formatInstant(parseInstant(text) ?? Number.NaN)
