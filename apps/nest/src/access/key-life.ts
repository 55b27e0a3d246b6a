import { Inject, Injectable } from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import { Keys } from '#access'
import type { Key } from '#contracts'

/** Whether the key of a request is still valid while its answer takes long. */
@Injectable()
export class KeyLife {
  #keys: Pick<Keys, 'isValid'> | undefined

  constructor(@Inject(ModuleRef) private readonly modules: ModuleRef) {}

  /** True without a key: the request needed none. */
  isValid(key: Key | undefined): boolean {
    if (key === undefined) return true
    const keys: Pick<Keys, 'isValid'> = this.#keys ?? this.modules.get(Keys, { strict: false })
    this.#keys = keys
    return keys.isValid(key.id)
  }
}
