import { FederationError } from '@federation-agent/base';

/** The request cannot be answered as asked. `status` is of HTTP; the message says what to do. */
export class ApiProblem extends FederationError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message, { code: 'console-request', disposition: 'final' });
    this.status = status;
  }
}
