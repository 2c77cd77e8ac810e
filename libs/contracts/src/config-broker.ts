/** The keys below `federation.broker`. */
import { z } from 'zod';
import { flag, secretMeta, text, whole } from './config-values.ts';

export const broker = z.object({
  url: text.exactOptional().meta({ description: 'NATS URL (also NATS_URL); absent: the embedded broker' }),
  user: text.exactOptional().meta({ description: 'User at the broker' }),
  password: text.exactOptional().meta({ description: 'Password at the broker', ...secretMeta }),
  token: text.exactOptional().meta({ description: 'Token at the broker', ...secretMeta }),
  nkey: text.exactOptional().meta({ description: 'Seed of the nkey at the broker (SU...)', ...secretMeta }),
  creds: text
    .exactOptional()
    .meta({ description: 'Credentials at the broker: a .creds file, or what is in it', ...secretMeta }),
  tls: z
    .object({
      ca: text.meta({
        description: "Authorities of the broker's certificate: a PEM file, or the PEM itself",
      }),
      cert: text.meta({ description: 'Client certificate at the broker: a PEM file, or the PEM itself' }),
      key: text.meta({ description: 'Its key: a PEM file, or the PEM itself', ...secretMeta }),
      handshakeFirst: flag.meta({ description: 'TLS before anything else, as the broker may be set to' }),
    })
    .partial()
    .exactOptional(),
  replicas: whole(1, 5).default(1).meta({ description: 'Replicas of every stream and bucket' }),
});
