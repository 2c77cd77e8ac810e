/** The keys below `federation.broker`. */
import { z } from 'zod';
import { defaultNamespace } from './broker/names.ts';
import { booleanValue, integer, secretMeta, text } from './config-values.ts';

export const broker = z.object({
  url: text.exactOptional().meta({ description: 'URL of a NATS server; absent: the embedded broker' }),
  user: text.exactOptional().meta({ description: 'User name for the broker' }),
  password: text.exactOptional().meta({ description: 'Password for the broker', ...secretMeta }),
  token: text.exactOptional().meta({ description: 'Token for the broker', ...secretMeta }),
  nkey: text.exactOptional().meta({ description: 'Seed of the nkey for the broker (SU...)', ...secretMeta }),
  creds: text
    .exactOptional()
    .meta({ description: 'Credentials for the broker: a .creds file, or its content', ...secretMeta }),
  tls: z
    .object({
      ca: text.meta({
        description: "Authorities of the broker's certificate: a PEM file, or the PEM itself",
      }),
      cert: text.meta({ description: 'Client certificate for the broker: a PEM file, or the PEM itself' }),
      key: text.meta({
        description: 'Key of the client certificate: a PEM file, or the PEM itself',
        ...secretMeta,
      }),
      handshakeFirst: booleanValue.meta({
        description: 'Begin with the TLS handshake; for a broker that is configured so',
      }),
    })
    .partial()
    .exactOptional(),
  namespace: text
    .refine((value) => /^[A-Za-z0-9_-]{1,32}$/u.test(value), {
      error: 'must be 1 to 32 letters, digits, - and _',
    })
    .default(defaultNamespace)
    .meta({
      description:
        'Begins the name of every stream, bucket, consumer, subject and inbox; installations that share a broker need one each',
    }),
  domain: text
    .refine((value) => /^[^\s.*>]+$/u.test(value), { error: 'must be one word without . * >' })
    .exactOptional()
    .meta({
      description:
        "JetStream domain of the streams, when they lie beyond a leaf node; absent: the server's own",
    }),
  replicas: integer(1, 5)
    .default(1)
    .meta({ description: 'Replicas of every stream and bucket; a change takes effect at the next start' }),
});
