import { FederationError } from '@federation-agent/base';

/** An API cannot be part of this ingest. The job goes on. */
export class LeftOutError extends FederationError {
  readonly fix: string;

  constructor(reason: string, fix: string) {
    super(reason, { code: 'left-out', disposition: 'final' });
    this.fix = fix;
  }
}

export const noLongerListedError = (): LeftOutError =>
  new LeftOutError(
    'since it was listed, it was deleted in AWS or filtered out',
    'nothing, if that was meant; APIM is never told to delete an API: delete it there',
  );
