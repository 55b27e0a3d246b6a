import { type DynamicModule, Module } from '@nestjs/common'
import { DiscoveryModule, DiscoveryService, ModuleRef } from '@nestjs/core'
import { ACCESS } from '../access/access.guard.ts'
import { DOCUMENT, OpenApiController, VERSION } from './openapi.controller.ts'
import { openApiDocument } from './openapi-document.ts'
import { type Controller, routesOf } from './routes.ts'

/** The routes of the OpenAPI document. */
@Module({})
class OpenApiModule {}

/** `GET /openapi.json` and `/openapi.html`: made from the controllers of the app, whichever they are. @param version of Rondo */
export function openApiModule(version: string): DynamicModule {
  const document = {
    provide: DOCUMENT,
    inject: [DiscoveryService, ModuleRef],
    useFactory: (discovery: DiscoveryService, modules: ModuleRef) => {
      let made: object | undefined
      return () => {
        made ??= openApiDocument({ routes: routesOfApp(discovery), version, hasKeys: hasKeys(modules) })
        return made
      }
    },
  }
  return { module: OpenApiModule, imports: [DiscoveryModule], controllers: [OpenApiController], providers: [document, { provide: VERSION, useValue: version }] }
}

function routesOfApp(discovery: DiscoveryService) {
  const classes = discovery.getControllers().flatMap(({ metatype }) => (typeof metatype === 'function' ? [metatype as Controller] : []))
  return [...new Set(classes)].flatMap(routesOf)
}

/** Apps without AccessModule check no keys. */
function hasKeys(modules: ModuleRef): boolean {
  try {
    return modules.get(ACCESS, { strict: false }) !== undefined
  } catch {
    return false
  }
}
