import { expect, test } from '@jest/globals';
import { versionsIn } from './versions.mjs';

test.each([
  [
    'libs/contracts/package.json',
    '{\n  "version": "0.2.0",\n  "dependencies": {\n    "@federation-agent/x": "0.1.0",\n    "zod": "4.0.0"',
    ['0.2.0', '0.1.0'],
  ],
  ['deploy/Dockerfile', '# -t federation-agent/agent:0.1.0 .\nARG VERSION=0.2.0\n', ['0.2.0', '0.1.0']],
  ['deploy/docker-compose.yml', 'image: federation-agent/agent:${AGENT_VERSION:-0.2.0}', ['0.2.0']],
  [
    'deploy/helm/federation-agent/Chart.yaml',
    'apiVersion: v2\nversion: 0.2.0\nappVersion: 0.1.0\n',
    ['0.2.0', '0.1.0'],
  ],
  [
    'deploy/k8s/overlays/single/kustomization.yaml',
    'images: [{ newTag: 0.2.0 }]\napp.kubernetes.io/version: 0.1.0\n',
    ['0.2.0', '0.1.0'],
  ],
])('%s', (path, text, found) => expect(versionsIn(path, text)).toEqual({ found, must: true }));

test('an image of ours in a page', () =>
  expect(
    versionsIn('docs/migrate.md', 'docker run ghcr.io/me/federation-agent/agent:0.2.0 and nats:2.14.6'),
  ).toEqual({
    found: ['0.2.0'],
    must: false,
  }));
test("the chart's own tests make versions up", () =>
  expect(versionsIn('deploy/helm/x/tests/pod_test.yaml', 'federation-agent/agent:9.9.9').found).toEqual([]));
