import { z } from 'zod';
import { json } from './answer.ts';
import { COMMANDS } from './control.ts';
import { AwsError } from './errors.ts';
import type { Answer } from './answer.ts';
import type { AwsControl } from './control.ts';
import type { SignedRequest } from './signature.ts';

const PREFIX = '/_sandbox/';

/**
 * Handles a command over HTTP: `POST /_sandbox/{command}` with its input as JSON; read-only commands also take `GET`
 * with the input in the query. The answer is 200 with the result as JSON (204 without a result), 400 for a wrong input,
 * 404 for an unknown command, or the status with which AWS would refuse. Errors are `{error}`.
 */
export function answerControl(control: AwsControl, request: SignedRequest): Answer {
  const name = request.path.slice(PREFIX.length);
  if (!Object.hasOwn(COMMANDS, name))
    return json(404, { error: `No such command; there are: ${Object.keys(COMMANDS).join(', ')}` });
  const run = control[name as keyof AwsControl] as (input: unknown) => unknown;
  try {
    const result = run(inputOf(request));
    return result === undefined ? { status: 204, headers: {}, body: '' } : json(200, result);
  } catch (error) {
    if (error instanceof AwsError) return json(error.status, { error: error.message, code: error.code });
    if (error instanceof z.ZodError) return json(400, { error: z.prettifyError(error) });
    if (error instanceof SyntaxError) return json(400, { error: 'The body is not JSON' });
    throw error;
  }
}

function inputOf(request: SignedRequest): unknown {
  if (request.method === 'GET') {
    const query = Object.fromEntries(new URLSearchParams(request.query));
    return Object.fromEntries(
      Object.entries(query).map(([name, value]) => [name, name === 'since' ? Number(value) : value]),
    );
  }
  return request.body.length === 0 ? {} : JSON.parse(request.body.toString('utf8'));
}
