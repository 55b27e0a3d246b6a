import type { AccountingAnswer } from '../../answers/answers.ts'
import { stages as live } from '../../answers/shown-stages.ts'
import { stageTitle } from '../../answers/stage-title.ts'
import type { Loaded } from '../../answers/use-answer.ts'
import { count, counted, signed } from '../../format/numbers.ts'
import { Picture } from '../../parts/picture.tsx'
import { StageName } from '../../parts/stage-name.tsx'
import { Table, type TableOf } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'

type Difference = AccountingAnswer['items'][number]

const names: Readonly<Record<Difference['check'], string>> = {
  flows: 'entries and exits do not lead to the count',
  list: 'the list is not as long as the count',
  history: 'history has another number',
}

/** Whether the counts agree with their lists, with their flows and with history. */
export function AddsUp({ accounting }: { readonly accounting: Loaded<AccountingAnswer> }) {
  return (
    <Picture
      title="Do the numbers add up"
      class="adds-up"
      lead="Checked each minute, and when this page is open."
      isTableItself
      loaded={accounting}
      asOf={({ asOf }) => asOf}
      countedIn={({ timezone }) => timezone}
      table={({ items }) => differenceTable(items)}
    >
      {(answer) => (
        <>
          <p class={`verdict ${holds(answer) ? 'good' : 'bad'}`} data-verdict={holds(answer) ? 'holds' : 'differs'}>
            <strong>{holds(answer) ? 'Yes.' : 'No.'}</strong> {holds(answer) ? 'Every count agrees with what it can be compared with.' : differs(answer)}
          </p>
          <ul class="checks">
            <li>
              The stages have {count(answer.total)} actors in sum, and {count(answer.known)} are listed.
            </li>
            <li>Entries and exits since the beginning lead to the count of each of {counted(answer.checked, 'stage')}.</li>
            <li>{historyText(answer)}</li>
          </ul>
          {answer.items.length === 0 ? null : <Table table={differenceTable(answer.items)} />}
        </>
      )}
    </Picture>
  )
}

const holds = ({ total, known, items }: AccountingAnswer): boolean => total === known && items.length === 0

const differs = ({ items }: AccountingAnswer): string =>
  `${counted(items.length, 'number')} differ. Tell those who operate Rondo; the runbook has the next steps.`

function historyText({ history }: AccountingAnswer): string {
  if (history === null) return 'History has not been compared yet; that takes some minutes in which time passes, and needs a history.'
  const passed = history.passedOver === 0 ? '' : `; ${count(history.passedOver)} were passed over, since an event changed them meanwhile`
  return `History has the same ${counted(history.equal, 'number')} of stages and hours of the last day${passed}.`
}

function differenceTable(rows: readonly Difference[]): TableOf<Difference> {
  const stages = live.value.answer?.stages ?? []
  const title = (id: string): string => stageTitle(stages, id)
  return {
    name: 'Numbers that differ',
    rows,
    keyOf: ({ check, stage, from }) => `${check} ${stage} ${from}`,
    columns: [
      { title: 'Stage', cell: ({ stage }) => <StageName id={stage} title={title(stage)} stages={stages} />, value: ({ stage }) => title(stage) },
      { title: 'What', cell: ({ check }) => names[check], value: ({ check }) => check },
      { title: 'From', isMinor: true, cell: ({ from }) => (from === null ? 'the beginning' : <Time iso={from} />), value: ({ from }) => from },
      { title: 'Expected', isNumber: true, cell: ({ expected }) => count(expected), value: ({ expected }) => expected },
      { title: 'By', isNumber: true, cell: ({ difference }) => signed(difference), value: ({ difference }) => difference },
    ],
  }
}
