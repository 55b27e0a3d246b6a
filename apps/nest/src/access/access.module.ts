import { type DynamicModule, Inject, Module } from '@nestjs/common'
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core'
import { AdminActs, Keys, Links } from '#access'
import { systemClock } from '#runtime'
import { PlanEditor } from '#tracking-plan'
import { ACCESS, type Access, AccessGuard } from './access.guard.ts'
import { type HookedServer, refuseForeignPages } from './browser-origins.ts'
import { AuditController, KeysController } from './keys.controller.ts'
import { LinksController } from './links.controller.ts'
import { PlanController } from './plan.controller.ts'
import { RELOAD, type Reload, ReloadController } from './reload.controller.ts'

/** What the routes of keys and of the tracking plan work with. */
export interface AccessOptions extends Access {
  readonly acts: AdminActs
  readonly keys: Keys
  readonly plan: PlanEditor
  readonly reload: Reload
}

/** Access over HTTP: a guard for each route of the app, refusal of web pages of other sites, administration of keys and of the tracking plan. */
@Module({})
export class AccessModule {
  constructor(@Inject(ACCESS) { gate }: Access, @Inject(HttpAdapterHost) host: HttpAdapterHost) {
    refuseForeignPages(host.httpAdapter.getInstance<HookedServer>(), gate)
  }

  static register({ acts, keys, plan, gate, cycles, reload }: AccessOptions): DynamicModule {
    return {
      module: AccessModule,
      controllers: [KeysController, LinksController, AuditController, PlanController, ReloadController],
      providers: [
        { provide: AdminActs, useValue: acts },
        { provide: Keys, useValue: keys },
        { provide: Links, useValue: new Links({ keys, clock: systemClock }) },
        { provide: PlanEditor, useValue: plan },
        { provide: RELOAD, useValue: reload },
        { provide: ACCESS, useValue: { gate, cycles } satisfies Access },
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
    }
  }
}
