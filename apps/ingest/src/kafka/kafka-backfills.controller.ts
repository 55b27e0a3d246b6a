import { Controller, Post, Put } from '@nestjs/common'
import { z } from 'zod'
import { RondoError } from '#contracts'
import { Requires } from '../../../nest/src/access/requires.ts'
import { Describes } from '../../../nest/src/openapi/describes.ts'

const refused = { summary: 'Refused: on Kafka history comes before live events', answer: z.never(), refusals: ['RONDO_LOG_NOT_EMPTY'] } as const

/** Says why this process takes no history: it has written to the topics already. */
@Controller('v1/backfills')
@Requires('admin')
export class KafkaBackfillsController {
  @Post()
  @Describes(refused)
  begin(): never {
    throw tooLate()
  }

  @Put(':source')
  @Describes(refused)
  upload(): never {
    throw tooLate()
  }
}

function tooLate(): RondoError {
  const message = 'On Kafka history comes before live events: import it with rondo import --brokers into topics of a new prefix, then start the apps with it.'
  return new RondoError('RONDO_LOG_NOT_EMPTY', message)
}
