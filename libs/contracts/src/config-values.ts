/** Kinds of configuration values. A value from the environment is always text; a YAML value may be typed already. */
import { z } from 'zod';

/**
 * What a key declares beside its shape:
 * - `secret`: kept out of logs, errors and `--print-config`;
 * - `example`: a valid value, for a key that has no default;
 * - `endsWithout`: a list ends at its first item that lacks this key;
 * - `enum`: the allowed words.
 */
declare module 'zod' {
  interface GlobalMeta {
    secret?: boolean;
    example?: string;
    endsWithout?: string;
    enum?: readonly string[];
  }
}
export const secretMeta = { secret: true } as const;

const yes = ['true', 'yes', 'on', '1'];
const no = ['false', 'no', 'off', '0'];

/** `true` and `false`, and the other words that the official agent accepts (from YAML 1.1 and Spring). */
export const booleanValue = z.union(
  [
    z.boolean(),
    z
      .string()
      .trim()
      .toLowerCase()
      .pipe(z.enum([...yes, ...no]))
      .transform((text) => yes.includes(text)),
  ],
  { error: 'must be true or false' },
);

/** A whole number; it may be a text. */
export function integer(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .trim()
          .regex(/^-?\d+$/u)
          .transform(Number),
      ],
      { error },
    )
    .pipe(z.number({ error }).int({ error }).min(min, { error }).max(max, { error }));
}

/** A number above zero; it may be a text. */
export function positiveNumber(max: number) {
  const error = `must be a number above 0, at most ${max}`;
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .trim()
          .regex(/^\d+(\.\d+)?$/u)
          .transform(Number),
      ],
      { error },
    )
    .pipe(z.number({ error }).positive({ error }).max(max, { error }));
}

/** One text. A number in YAML (an account id, a password of digits) becomes a text. */
export const text = z.union([z.string().trim().min(1), z.number().transform(String)], {
  error: 'must be a text',
});

/** A list, or one text with commas. Blank items are dropped. */
export const list = z
  .union([z.array(text), text], { error: 'must be a list, or one text with commas between the items' })
  .transform((value) =>
    (Array.isArray(value) ? value : value.split(',')).map((item) => item.trim()).filter(Boolean),
  );

/** A URL with one of these schemes. */
export function url(...schemes: readonly string[]): z.ZodString {
  const starts = schemes.map((scheme) => `${scheme}://`);
  const error = `must be a URL that starts with ${starts.join(' or ')}`;
  return z
    .string({ error })
    .trim()
    .refine((value) => URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)), {
      error: ({ input }) =>
        starts.some((start) => String(input).toLowerCase().startsWith(start))
          ? 'must be a URL: its host or its port is not valid'
          : error,
    });
}

/** One of these words, in any case. */
export function oneOf<const Words extends readonly [string, ...string[]]>(...words: Words) {
  return text
    .transform((value) => words.find((known) => known.toLowerCase() === value.toLowerCase()))
    .pipe(z.enum(words, { error: `must be one of ${words.join(', ')}` }))
    .meta({ enum: words });
}

/** Only a host: its port has a separate key. */
export const hostName = text.refine((value) => !/[\s/@]|:\d+$/u.test(value) || /^[\da-f:]+$/iu.test(value), {
  error: 'must be only a host, such as proxy.example.com, without http:// and without a port',
});
