import { formatInstant, type Output, parseInstant, type Scenario } from '#contracts'

type Expectation = Scenario['then'][number]

/**
 * The lines of a `then` beside the effective history, place by place: a sentence for each that differs, for each that is missing and for
 * each that is too many. Notices take part only if a line names one.
 */
export function compareHistory(then: readonly Expectation[], history: readonly Output[]): string[] {
  const seesNotices = then.some(({ notice }) => notice === true)
  const happened = seesNotices ? history : history.filter(({ kind }) => kind !== 'notice')
  const differences = then.flatMap((expected, index) => {
    const output = happened[index]
    if (output !== undefined && fulfils(output, expected)) return []
    const instead = output === undefined ? 'nothing more happened' : `${sayOutput(output)} happened`
    return [`then ${index + 1}: expected ${sayExpectation(expected)}, but ${instead}`]
  })
  const surplus = happened.slice(then.length).map((output) => `after the last line of then: expected nothing more, but ${sayOutput(output)} happened`)
  return [...differences, ...surplus]
}

function fulfils(output: Output, expected: Expectation): boolean {
  if (instantText(expected.at) !== output.at || (expected.notice === true) !== (output.kind === 'notice')) return false
  return (['to', 'from', 'rule', 'cause'] as const).every((key) => expected[key] === undefined || expected[key] === output[key])
}

function sayExpectation({ at, from, to, rule, cause, notice }: Expectation): string {
  const path = notice === true ? ['a notice', to ?? from] : [from === undefined ? undefined : `from ${from}`, to === undefined ? undefined : `to ${to}`]
  const details = [rule === undefined ? undefined : `rule ${rule}`, cause === undefined ? undefined : `cause ${cause}`]
  const named = details.filter((detail) => detail !== undefined)
  return [instantText(at), ...path, named.length === 0 ? undefined : `(${named.join(', ')})`].filter((part) => part !== undefined).join(' ')
}

function sayOutput({ at, kind, from, to, rule, cause }: Output): string {
  return `${at} ${kind === 'notice' ? `a notice ${to}` : `from ${from} to ${to}`} (rule ${rule}, cause ${cause})`
}

const instantText = (text: string): string => formatInstant(parseInstant(text) ?? Number.NaN)
