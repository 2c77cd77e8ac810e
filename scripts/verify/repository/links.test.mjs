import { expect, test } from '@jest/globals';
import { anchorsIn, linksIn } from './links.mjs';

const page = `# Install with \`helm\`

[one](a.md), [part](../b.md#what-is-kept), [here](#verify), [away](https://example.com/x.md), [mail](mailto:a@example.com)

\`\`\`sh
# A comment, no heading
echo "[no](link.md)"
\`\`\`

## What stays, and why?
`;

test('links to files of the checkout', () =>
  expect(linksIn(page)).toEqual([
    { path: 'a.md', anchor: '' },
    { path: '../b.md', anchor: 'what-is-kept' },
    { path: '', anchor: 'verify' },
  ]));

test('anchors of headings', () =>
  expect(anchorsIn(page)).toEqual(['install-with-helm', 'what-stays-and-why']));
