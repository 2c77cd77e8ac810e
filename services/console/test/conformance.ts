/** Whether answers are as the OpenAPI document of the console says, judged by a validator that is not ours. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { z } from 'zod';

const Media = z.record(z.string(), z.object({ schema: z.object({ $ref: z.string().optional() }) }));
const Document = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ responses: z.record(z.string(), z.object({ content: Media })) })),
  ),
});

export interface Answer {
  /** `GET` or `POST`. */
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/**
 * @param document the OpenAPI document, as it was served
 * @returns what is wrong with an answer, one line each: its path, status, media type, or its JSON
 */
export function conformanceTo(document: unknown): (answer: Answer) => string[] {
  const { paths } = Document.parse(document);
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addSchema(document as object, 'document');
  const patterns = Object.entries(paths).map(
    ([path, methods]) => [new RegExp(`^${path.replaceAll(/\{\w+\}/gu, '[^/]+')}$`, 'u'), methods] as const,
  );
  return ({ method, path, status, contentType, text }) => {
    const known = patterns.find(([pattern]) => pattern.test(path))?.[1][method.toLowerCase()];
    if (!known) return [`${method} ${path}: not in the document`];
    const content = known.responses[status]?.content;
    if (!content) return [`${method} ${path}: status ${status} is not in the document`];
    const type = contentType.split(';', 1).join('');
    const place = content[type]?.schema.$ref;
    if (content[type] === undefined) return [`${method} ${path}: ${status} comes as ${contentType}`];
    if (place === undefined) return [];
    const isValid = ajv.getSchema(`document${place}`);
    if (!isValid) return [`${place}: not in the document`];
    if (isValid(JSON.parse(text)) === true) return [];
    return (isValid.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${method} ${path} ${status}${instancePath}: ${message} ${JSON.stringify(params)}`,
    );
  };
}

/**
 * `fetch` that throws when an answer of the API is not as its document says. Streams are not read.
 *
 * @param url of the console
 */
export async function conformingFetch(url: string): Promise<typeof fetch> {
  const document: unknown = await (await fetch(new URL('/api/openapi.json', url))).json();
  const wrongWith = conformanceTo(document);
  return async (input, init) => {
    const answer = await fetch(input, init);
    const { pathname: path } = new URL(answer.url);
    const contentType = answer.headers.get('content-type') ?? '';
    const text = contentType === 'text/event-stream' ? '' : await answer.clone().text();
    const { status } = answer;
    const method = init?.method ?? 'GET';
    const wrong = wrongWith({ method, path, status, contentType, text });
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    return answer;
  };
}
