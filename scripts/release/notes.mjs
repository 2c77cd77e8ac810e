/** A version that cannot be released in its present state; the message says what to do. */
export class NotReleasableError extends Error {
  /** @override */
  name = 'NotReleasableError';
}

/**
 * What the changelog says of a version: the text below `## <version>, <date>` up to the next version.
 * @param {string} changelog
 * @param {string} version without `v`
 * @param {string} packageVersion what package.json says
 * @returns {string}
 * @throws {NotReleasableError} when the changelog has no such version, no date or no text for it, or package.json
 * another version
 */
export const notesOf = (changelog, version, packageVersion) => {
  if (version !== packageVersion)
    throw new NotReleasableError(`package.json says ${packageVersion}, not ${version}`);
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => /^[^,\s]+/.exec(text)?.[0] === version);
  if (section === undefined)
    throw new NotReleasableError(`CHANGELOG.md has no section "## ${version}, <date>"`);
  const end = section.indexOf('\n');
  const [title, text] = [section.slice(0, end), section.slice(end).trim()];
  if (!/, \d{4}-\d\d-\d\d$/.test(title))
    throw new NotReleasableError(
      `CHANGELOG.md says "${title}": put the date of the release there, "${version}, 2026-01-31"`,
    );
  if (text === '') throw new NotReleasableError(`CHANGELOG.md says nothing of ${version}`);
  return text;
};
