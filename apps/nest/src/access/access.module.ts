import { type DynamicModule, Inject, Module } from '@nestjs/common'
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core'
import { Keys } from '#access'
import { ACCESS, type Access, AccessGuard } from './access.guard.ts'
import { type HookedServer, refuseForeignPages } from './browser-origins.ts'
import { AuditController, KeysController } from './keys.controller.ts'

export interface AccessOptions extends Access {
  readonly keys: Keys
}

/** Access over HTTP: a guard for each route of the app, refusal of web pages of other sites, administration of keys. */
@Module({})
export class AccessModule {
  constructor(@Inject(ACCESS) { gate }: Access, @Inject(HttpAdapterHost) host: HttpAdapterHost) {
    refuseForeignPages(host.httpAdapter.getInstance<HookedServer>(), gate)
  }

  static register({ keys, gate, cycle }: AccessOptions): DynamicModule {
    return {
      module: AccessModule,
      controllers: [KeysController, AuditController],
      providers: [
        { provide: Keys, useValue: keys },
        { provide: ACCESS, useValue: { gate, cycle } satisfies Access },
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
    }
  }
}
