import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { apiMarkdown } from '../apps/nest/src/openapi/page/api-markdown.ts'
import type { Controller } from '../apps/nest/src/openapi/routes.ts'
import { root } from './root.ts'

/** The OpenAPI document of all apps together. Where Node runs the sources itself, readDecoratedSources() comes first. */
export async function apiDocument(): Promise<object> {
  const { openApiDocument } = await import('../apps/nest/src/openapi/openapi-document.ts')
  const { routesOf } = await import('../apps/nest/src/openapi/routes.ts')
  // Sorted, so that the page is the same everywhere; of two routes on one path, which are of different apps, the first is shown.
  const files = globSync('apps/*/src/**/*.controller.ts', { cwd: root }).sort()
  const modules: object[] = await Promise.all(files.map((file) => import(pathToFileURL(join(root, file)).href)))
  const classes = modules.flatMap((module) => Object.values(module)).filter((value): value is Controller => typeof value === 'function' && 'prototype' in value)
  const byPath = Map.groupBy(classes.flatMap(routesOf), ({ method, path }) => `${method} ${path}`)
  const routes = [...byPath.values()].flatMap(([first]) => first ?? [])
  return openApiDocument({ routes, version: '', hasKeys: true })
}

/** The page docs/reference/api.md. */
export const apiPage = async (): Promise<string> => apiMarkdown(await apiDocument())
