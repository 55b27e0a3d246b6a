import { createHash } from 'node:crypto'
import { generalRefusals, type ShownBody, type ShownParameter, type ShownRoute, type ShownSection, shownSections } from './api-page.ts'
import { escaped, tag } from './html.ts'

const STYLE = `
:root { color-scheme: light dark; --line: #8886; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 2rem 1rem 6rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
code, pre { font: 0.88rem/1.45 ui-monospace, monospace; }
pre { background: var(--soft); padding: 0.75rem; overflow-x: auto; border-radius: 6px; }
details { border: 1px solid var(--line); border-radius: 6px; margin: 0.5rem 0; padding: 0 0.75rem; }
summary { cursor: pointer; padding: 0.5rem 0; } summary b { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
summary small { opacity: 0.8; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid var(--line); }
@media print { details { border: 0; } }
`
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/** What a browser may do with the page: apply its own style, and nothing else. */
export const apiPagePolicy = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** The routes of an app as a page of one file, without scripts. */
export function apiHtml(document: object): string {
  const sections = shownSections(document)
  const { version } = (document as { readonly info: { readonly version: string } }).info
  const title = `HTTP API of this Rondo (${version})`
  const head = [
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    tag('title', escaped(title)),
    `<style>${STYLE}</style>`,
  ]
  const body = [tag('h1', escaped(title)), introduction(), contents(sections), ...sections.map(section)]
  return `<!doctype html>\n<html lang="en">\n<head>\n${head.join('\n')}\n</head>\n<body>\n${body.join('\n')}\n</body>\n</html>\n`
}

const code = (text: string): string => tag('code', escaped(text))

function introduction(): string {
  const common = generalRefusals.map(({ who, codes }) => tag('li', `${escaped(who)}: ${codes.map(code).join(', ')}`))
  return [
    tag('p', 'The routes of this process, for people. For tools the same is at <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).'),
    tag('p', `Where keys are required, a key goes as Bearer, as the user of Basic, or in ${code('X-Write-Key')}; an admin key opens all.`),
    tag(
      'p',
      `${code('time')} is ISO 8601 with a zone. ${code('name?')} may be missing. Examples have the form of real requests and answers; their values are made up.`,
    ),
    tag('p', `Errors are problem documents (${code('application/problem+json')}) with a code. A route lists its own; besides them,`),
    tag('ul', common.join('')),
  ].join('\n')
}

function contents(sections: readonly ShownSection[]): string {
  return tag('p', sections.map(({ name }) => `<a href="#${escaped(name)}">${escaped(name)}</a>`).join(' · '))
}

const section = ({ name, routes }: ShownSection): string => `<h2 id="${escaped(name)}">${escaped(name)}</h2>\n${routes.map(routeHtml).join('\n')}`

function routeHtml(route: ShownRoute): string {
  const { method, path, others, summary, role, parameters, bodies, answers, refusals, request, answer } = route
  const codes = refusals.flatMap((each) => each.codes.map((name) => `${code(name)} (${each.status})`))
  const parts = [
    others.length === 0 ? '' : tag('p', `The same: ${others.map(code).join(' ')}`),
    table(parameters),
    ...bodies.map((body) => bodyHtml('Body', body)),
    ...answers.flatMap(({ status, bodies: its }) =>
      its.length === 0 ? [tag('p', `Answer ${escaped(status)}, without a body.`)] : its.map((body) => bodyHtml(`Answer ${status}`, body)),
    ),
    codes.length === 0 ? '' : tag('p', `Errors: ${codes.join(', ')}.`),
    tag('p', 'Example:'),
    tag('pre', escaped(`$ ${request}${answer === undefined ? '' : `\n${answer}`}`)),
  ]
  const needed = role === 'none' ? 'no key' : `key: ${role}`
  const line = `<b>${escaped(`${method} ${path}`)}</b> ${escaped(summary)} <small>(${escaped(needed)})</small>`
  return tag('details', `${tag('summary', line)}\n${parts.filter((part) => part !== '').join('\n')}`)
}

function table(parameters: readonly ShownParameter[]): string {
  if (parameters.length === 0) return ''
  const rows = parameters.map(({ name, place, isRequired, type, note }) =>
    tag('tr', [code(name), escaped(`${place}${isRequired ? '' : ', may be missing'}`), escaped(type), escaped(note)].map((cell) => tag('td', cell)).join('')),
  )
  const head = tag('tr', ['parameter', 'in', 'type', 'meaning'].map((name) => tag('th', name)).join(''))
  return tag('table', `${head}${rows.join('')}`)
}

const bodyHtml = (what: string, { type, outline }: ShownBody): string => `${tag('p', `${escaped(what)}, ${code(type)}:`)}\n${tag('pre', escaped(outline))}`
