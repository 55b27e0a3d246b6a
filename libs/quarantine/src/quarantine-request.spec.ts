import { describe, expect, it } from '@jest/globals'
import { discardSchema, previewSchema, readRequest, replaySchema } from './quarantine-request.ts'

const refused = (text: string) => expect.objectContaining({ code: 'RONDO_ARGUMENT_INVALID', message: expect.stringContaining(text) })
const settling = [
  ['replay', replaySchema],
  ['discard', discardSchema],
] as const

describe.each(settling)('a request to %s', (_name, schema) => {
  it.each([{ ids: ['a-1'] }, { filter: { code: 'RONDO_EVENT_INVALID' } }, { all: true }, { filter: { of: 'door' } }])('that chooses is read: %j', (choice) => {
    expect(readRequest(schema, choice)).toMatchObject(choice)
  })

  it.each([
    [{}, 'expected ids, a filter with at least one field, or all: true'],
    [{ limit: 5 }, 'expected ids, a filter with at least one field, or all: true'],
    [{ filter: {} }, 'filter: expected at least one field'],
    [{ ids: [] }, 'ids: expected at least 1 entry'],
    [{ all: false }, 'all: expected true'],
    [{ filter: { code: 'RONDO_EVNT_INVALID' } }, 'filter.code: there is no error code "RONDO_EVNT_INVALID"; did you mean RONDO_EVENT_INVALID?'],
    [{ filter: { code: 'nothing like it' } }, 'filter.code: there is no error code "nothing like it"; docs/reference/errors.md lists them'],
    [{ filter: { code: 7 } }, 'filter.code: expected an error code'],
    [{ filter: { of: 'dor' } }, 'filter.of: expected one of admission, log.'],
  ])('that chooses nothing, or what does not exist, is refused: %j', (request, text) => {
    expect(() => readRequest(schema, request)).toThrow(refused(text))
  })
})

it('a preview may be of all refused events, since it writes nothing', () => {
  expect([readRequest(previewSchema, {}), readRequest(previewSchema, { filter: {} })]).toMatchObject([{ limit: 1000 }, { filter: {} }])
})
