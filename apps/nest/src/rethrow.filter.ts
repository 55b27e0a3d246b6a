import { Catch, type ExceptionFilter } from '@nestjs/common'
import { type Observable, throwError } from 'rxjs'

/** Passes a handler's failure unchanged to the transport. Nest would make "Internal server error" of it, for clients that do not exist here. */
@Catch()
export class RethrowFilter implements ExceptionFilter {
  catch(failure: unknown): Observable<never> {
    return throwError(() => failure)
  }
}
