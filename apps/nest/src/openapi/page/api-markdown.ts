import { generalRefusals, type ShownBody, type ShownRoute, type ShownSection, shownSections } from './api-page.ts'

const roles: Readonly<Record<string, string>> = {
  none: 'no key',
  write: 'a write key',
  read: 'a read key',
  admin: 'an admin key',
}

const HEAD = `# HTTP API

Every route, made from the schemas with which Rondo reads requests and checks its own answers (\`npm run schemas\` writes this page; a test compares it with the code). The same
is at \`/openapi.html\` of a running process, with its own routes alone, and for tools at \`/openapi.json\`. What the parts of answers mean is in
[requests that read](read-answers.md) and [requests that carry events](send-events.md), and which app has which route.

- **Keys.** Each route says which [key](../guides/keys.md) it needs where keys are required: as Bearer, as the user of Basic, or in \`X-Write-Key\`. An admin key opens all.
- **Types.** \`time\` is ISO 8601 with a zone, written with milliseconds and Z. \`name?\` may be missing. \`{ [name]: T }\` has any number of names. \`…\` is in \`/openapi.json\`.
- **Examples** have the form of a real request and answer; their values are made up.
- **Errors** are problem documents (RFC 9457, \`application/problem+json\`): \`{ type, title, status, detail, code, message, requestId }\`, with a [code](errors.md). A route lists its own;
  besides them,
`

/** The page docs/reference/api.md. */
export function apiMarkdown(document: object): string {
  const common = generalRefusals.map(({ who, codes }) => `  - ${who}: ${codes.map(code).join(', ')}`)
  const sections = shownSections(document)
  return `${HEAD}${common.join('\n')}\n\n${contents(sections)}\n${sections.map(section).join('\n')}`
}

const code = (text: string): string => `\`${text}\``
const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll(/\s+/g, ' ')

function contents(sections: readonly ShownSection[]): string {
  const rows = sections.flatMap(({ routes }) =>
    routes.map(({ method, path, summary, role }) => `| [${code(`${method} ${path}`)}](#${anchor(`${method} ${path}`)}) | ${cell(summary)} | ${role} |`),
  )
  return ['| route | | key |', '|---|---|---|', ...rows, ''].join('\n')
}

/** How sites that show Markdown name a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-')

const section = ({ name, routes }: ShownSection): string => `## ${title(name)}\n\n${routes.map(routeText).join('\n')}`

/** \`EventNames\` → Event names */
function title(name: string): string {
  const words = name.replaceAll(/([a-z])([A-Z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`)
  return words === 'Open api' ? 'Descriptions' : words
}

function routeText(route: ShownRoute): string {
  const { method, path, others, summary, role, parameters, bodies, answers, refusals } = route
  const rows = parameters.map(
    ({ name, place, isRequired, type, note }) =>
      `| ${code(name)} | ${place}${isRequired ? '' : ', may be missing'} | ${cell(type)} |${note === '' ? '' : ` ${cell(note)}`} |`,
  )
  const table = rows.length === 0 ? '' : ['| parameter | in | type | |', '|---|---|---|---|', ...rows, '', ''].join('\n')
  const codes = refusals.flatMap((each) => each.codes.map((name) => `${code(name)} (${each.status})`))
  return [
    `### ${method} ${path}\n\n`,
    `${summary}. Needs ${roles[role] ?? role}.\n\n`,
    others.length === 0 ? '' : `The same: ${others.map(code).join(' ')}\n\n`,
    table,
    ...bodies.map((body) => bodyText('Body', body)),
    ...answers.map(({ status, bodies: its }) =>
      its.length === 0 ? `Answer ${status}, without a body.\n\n` : its.map((body) => bodyText(`Answer ${status}`, body)).join(''),
    ),
    codes.length === 0 ? '' : `Errors: ${codes.join(', ')}.\n\n`,
    example(route),
  ].join('')
}

function bodyText(what: string, { type, outline }: ShownBody): string {
  return outline.includes('\n') || outline.length > 60
    ? `${what}, ${code(type)}:\n\n\`\`\`text\n${outline}\n\`\`\`\n\n`
    : `${what}, ${code(type)}: ${code(outline)}\n\n`
}

function example({ request, answer }: ShownRoute): string {
  return `\`\`\`console\n$ ${request}\n${answer === undefined ? '' : `${answer}\n`}\`\`\`\n`
}
