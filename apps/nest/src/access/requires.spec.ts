import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { type Controller, type Route, routesOf } from '../openapi/routes.ts'

/** The routes of all controllers of all apps. */
async function allRoutes(): Promise<Route[]> {
  const modules = (await Promise.all(globSync('apps/*/src/**/*.controller.ts').map((file) => import(resolve(file))))) as object[]
  const classes = modules.flatMap((module) => Object.values(module)).filter((value): value is Controller => typeof value === 'function' && 'prototype' in value)
  return classes.flatMap(routesOf)
}

/** What may be wrong with what a route says about itself, and what to do. */
const checks: readonly (readonly [isWrong: (route: Route) => boolean, advice: string])[] = [
  [({ role }) => role === undefined, `add @Requires('read'), 'write', 'admin' or 'none': without it no key opens the route`],
  [
    ({ description }) => description === undefined,
    'add @Describes({ summary, answer, … }) (apps/nest/src/openapi/describes.ts): without it /openapi.json has only its path',
  ],
  [
    ({ reads, description }) => description !== undefined && reads.query !== (description.query !== undefined),
    'give @Describes as `query` the zod schema with which the handler reads @Query(), and none without @Query()',
  ],
  [
    ({ reads, description }) => description !== undefined && reads.body !== (description.body !== undefined),
    'give @Describes as `body` a zod schema of what the handler accepts as @Body(), and none without @Body()',
  ],
  [
    ({ path, description }) => Object.keys(description?.params ?? {}).some((name) => !path.split('/').includes(`:${name}`)),
    'remove from `params` of @Describes what the path does not have',
  ],
]

const defectsOf = (route: Route): string[] => checks.filter(([isWrong]) => isWrong(route)).map(([, advice]) => `${route.handler}, ${route.path}: ${advice}.`)

it('each controller is in a file of its own, where the next test finds it', () => {
  const others = globSync('apps/*/src/**/*.ts').filter((file) => !file.endsWith('.controller.ts') && !file.endsWith('.spec.ts'))
  expect(others.filter((file) => /^@Controller\(/m.test(readFileSync(file, 'utf8')))).toEqual([])
})

describe('each route of each app', () => {
  it('says which key it needs, and what it takes and answers', async () => {
    const routes = await allRoutes()
    expect(routes.length).toBeGreaterThan(60)
    expect(routes.flatMap(defectsOf)).toEqual([])
  })
})
