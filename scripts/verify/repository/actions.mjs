/**
 * What a workflow runs that others wrote.
 * @typedef {{ action: string, ref: string, version: string | undefined, line: number }} Use `ref`: behind the `@`,
 *   empty without one; `version`: of the comment behind it
 */

/**
 * The actions and reusable workflows of a workflow's text, but those of this checkout (`./…`).
 * @param {string} text
 * @returns {Use[]}
 */
export const usesIn = (text) =>
  text.split('\n').flatMap((line, index) => {
    const [, what = '', comment] =
      /^\s*(?:- )?uses:\s*['"]?([^\s'"#]+)['"]?\s*(?:#\s*(.*))?$/.exec(line) ?? [];
    if (what === '' || what.startsWith('./')) return [];
    const [action = '', ref = ''] = what.split('@');
    return [{ action, ref, version: /^v\d+\.\d+\.\d+$/.exec(comment?.trim() ?? '')?.[0], line: index + 1 }];
  });

/**
 * The rule: a full commit, which nobody can move, and behind it the version that this commit is, for people and `npm
 * run outdated`.
 * @param {Use} use
 * @returns {string | undefined} what is against it
 */
export const breachOf = ({ action, ref, version }) => {
  if (action.startsWith('docker://'))
    return /^sha256:[0-9a-f]{64}$/.test(ref) ? undefined : `${action} is not pinned to a digest`;
  if (!/^[0-9a-f]{40}$/.test(ref)) return `${action}@${ref} is not pinned to a full commit`;
  return version === undefined
    ? `${action}: no comment says which version (# v1.2.3) its commit is`
    : undefined;
};
