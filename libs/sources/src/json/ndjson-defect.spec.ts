import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import type { CsvMapping } from '../csv/csv-row.ts'
import { openRows } from '../reading/open-rows.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

async function read(text: string, csv?: CsvMapping): Promise<{ accepted: number; refused: string[] }> {
  const path = join(folder.path, 'rows')
  writeFileSync(path, text)
  const refused: string[] = []
  const opened = openRows({
    input: { path },
    csv,
    sort: { memoryBytes: 1e8, folder: folder.path },
    onRefused: ({ line, reason }) => refused.push(`${line}: ${reason}`),
  })
  let accepted = 0
  for await (const batch of opened.batches) accepted += batch.length
  return { accepted, refused }
}

const call = '{"type":"track","event":"A","userId":"u","timestamp":"2026-01-01T00:00:00Z"}'

describe('an input that is not NDJSON', () => {
  it.each([
    ['an array on one line', `[${call},${call}]\n`, "jq -c '.[]'"],
    ['an array with an event a line', `\ufeff\n[\n${call},\n${call}\n]\n`, "jq -c '.[]'"],
    ['an array that begins with its first event', `[${call},\n${call}]`, "jq -c '.[]'"],
    ['an array longer than a line may be', `[${`${call},`.repeat(20_000)}${call}]`, "jq -c '.[]'"],
    ['objects over several lines', `${JSON.stringify(JSON.parse(call), null, 2)}\n`, 'jq -c .'],
    ['CSV', 'who,when\nann,2026-01-01\n', 'its first line is "who,when". Add --csv with --actor COLUMN and --time COLUMN.'],
    ['CSV with other separators and quotes', '"who";"when"\r\n"ann";"2026-01-01"\r\n', 'Add --csv'],
    ['a header alone', 'who\twhen\n', 'Add --csv'],
    ['a page', '<!DOCTYPE html>\n<html>\n', 'is HTML or XML'],
  ])('is refused once, as a whole: %s', async (_, text, advice) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'RONDO_INPUT_UNREADABLE', message: expect.stringContaining(advice) })
  })

  it('is not refused as a whole because of a bad line', async () => {
    expect(await read(`# who, when\n${call}\n`)).toMatchObject({ accepted: 1, refused: [expect.stringMatching(/^1: expected JSON: /)] })
    expect(await read(`[1]\n${call}\nnull\n`)).toEqual({
      accepted: 1,
      refused: ['1: expected a JSON object, found an array', '3: expected a JSON object, found null'],
    })
    expect(await read('[INFO] started, twice\n[INFO] ended\n')).toMatchObject({ accepted: 0, refused: [expect.any(String), expect.any(String)] })
  })

  it('is refused with the line where files with byte order marks were joined', async () => {
    expect(await read(`\ufeff${call}\n\ufeff${call}\n${call}\n`)).toEqual({
      accepted: 2,
      refused: [expect.stringMatching(/^2: expected JSON, found a byte order mark .* as where files were joined: remove it/)],
    })
    // Inside a JSON string a byte order mark is an ordinary character.
    expect(await read(`${call.replace('"u"', '"\ufeffu"')}\n`)).toEqual({ accepted: 1, refused: [] })
  })

  it('is reported as JSON, not with missing columns, if JSON is read as CSV', async () => {
    for (const text of [`${call}\n`, `[${call}]\n`])
      await expect(read(text, { actor: 'who', time: 'when' })).rejects.toMatchObject({ message: expect.stringContaining('leave out --csv') })
    expect(await read('[who,when\nann,2026-01-01\n', { actor: '[who', time: 'when' })).toEqual({ accepted: 1, refused: [] })
  })
})
