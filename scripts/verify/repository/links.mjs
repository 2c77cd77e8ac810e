/**
 * Links of a Markdown page to files of the checkout; what stands in a block of code is no link.
 * @param {string} text
 * @returns {{ path: string, anchor: string }[]} `path`: as it is written, empty for the page itself
 */
export const linksIn = (text) =>
  [...text.replace(/^```[^]*?^```/gm, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, to = '']) => to)
    .filter((to) => !/^[a-z]+:/.test(to))
    .map((to) => {
      const [path = '', anchor = ''] = to.split('#');
      return { path, anchor };
    });

/**
 * The anchors of a page's headings, as GitHub makes them.
 * @param {string} text
 * @returns {string[]}
 */
export const anchorsIn = (text) =>
  [...text.replace(/^```[^]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
