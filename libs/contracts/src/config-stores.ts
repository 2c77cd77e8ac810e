/** The keys of a truststore and of a keystore, wherever one is configured. */
import { z } from 'zod';
import { oneOf, secretMeta, text } from './config-values.ts';

export const truststore = z
  .object({
    type: oneOf('JKS', 'PKCS12', 'PEM', 'NONE').meta({
      description: 'Kind of truststore; NONE means that there is none',
    }),
    path: text.meta({ description: 'File of the truststore' }),
    content: text.meta({ description: 'The truststore itself, in base64; PEM also as it is' }),
    password: text.meta({ description: 'Password of the truststore', ...secretMeta }),
    alias: text.meta({ description: 'Trust only this entry of the truststore' }),
  })
  .partial();

export const keystore = z
  .object({
    type: oneOf('JKS', 'PKCS12', 'PEM', 'NONE').meta({
      description: 'Kind of keystore; NONE means that there is none',
    }),
    path: text.meta({ description: 'File of the keystore (client certificate)' }),
    content: text.meta({ description: 'The keystore itself, in base64', ...secretMeta }),
    password: text.meta({ description: 'Password of the keystore', ...secretMeta }),
    alias: text.meta({ description: 'Entry of the keystore; absent: the first one with a key' }),
  })
  .partial();
