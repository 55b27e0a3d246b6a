import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from '@jest/globals'
import { REQUIREMENT } from './requires.ts'

type Controller = (new () => object) & { readonly prototype: Readonly<Record<string, object>> }

const metadata = (name: string, target: object | undefined): unknown => (target === undefined ? undefined : Reflect.getMetadata(name, target))
const isController = (value: unknown): value is Controller => typeof value === 'function' && metadata('path', value) !== undefined

/** The requirement of each route of a controller, by the name of its handler. */
function requirementsOf(controller: Controller): [string, unknown][] {
  const handlers = Object.getOwnPropertyNames(controller.prototype).filter((name) => name !== 'constructor')
  const routes = handlers.filter((name) => metadata('method', controller.prototype[name]) !== undefined)
  return routes.map((name) => [`${controller.name}.${name}`, metadata(REQUIREMENT, controller.prototype[name]) ?? metadata(REQUIREMENT, controller)])
}

it('each controller is in a file of its own, where the next test finds it', () => {
  const others = globSync('apps/*/src/**/*.ts').filter((file) => !file.endsWith('.controller.ts') && !file.endsWith('.spec.ts'))
  expect(others.filter((file) => /^@Controller\(/m.test(readFileSync(file, 'utf8')))).toEqual([])
})

it('each route of each app says which key it needs', async () => {
  const files = globSync('apps/*/src/**/*.controller.ts')
  const modules = (await Promise.all(files.map((file) => import(resolve(file))))) as Record<string, unknown>[]
  const requirements = modules.flatMap((module) => Object.values(module).filter(isController).flatMap(requirementsOf))
  expect(requirements.length).toBeGreaterThan(20)
  expect(requirements.filter(([, requirement]) => requirement === undefined)).toEqual([])
})
