const ADDRESSED = 'cycle/src/fold/addressed-events.ts'

/** Mistakes in the choice of the actors that an event counts for. Only definitions that address actors find them. */
export const addressingFaults = [
  {
    name: 'an event counts twice for an actor that it names twice',
    rule: '22',
    needsAddressing: true as const,
    file: ADDRESSED,
    find: 'addressees.ids.filter(',
    replace: '[...addressees.ids, ...addressees.ids].filter(',
  },
  {
    name: 'events of two senders with one id are copies',
    rule: '22',
    needsAddressing: true as const,
    file: 'cycle/src/events/addressed-id.ts',
    find: 'const text = [id, actor.type, actor.id]',
    replace: "const text = [id, 'user', 'a']",
  },
  {
    name: 'an event counts for its sender too',
    rule: '22',
    needsAddressing: true as const,
    file: 'cycle/src/compile/addressing.ts',
    find: 'const ids = new Set<string>()',
    replace: 'const ids = new Set<string>([event.actorId])',
  },
  {
    name: 'an empty text is an id',
    rule: '22',
    needsAddressing: true as const,
    file: 'cycle/src/compile/addressing.ts',
    find: "value === '' || ",
    replace: '',
  },
]
