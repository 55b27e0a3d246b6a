import { Catch, type ExceptionFilter } from '@nestjs/common'
import { type Observable, throwError } from 'rxjs'

/** Hands a handler's failure to the transport as it is. Nest would make "Internal server error" of it, for clients that we do not have. */
@Catch()
export class RethrowFilter implements ExceptionFilter {
  catch(failure: unknown): Observable<never> {
    return throwError(() => failure)
  }
}
