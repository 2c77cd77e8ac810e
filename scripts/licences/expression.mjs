/**
 * Is this SPDX expression met by licences that are allowed? `OR` needs one side, `AND` both, `A WITH b` is a licence of
 * its own.
 * @param {string} expression such as `(MIT OR GPL-2.0)`
 * @param {ReadonlySet<string>} allowed
 * @returns {boolean} false also for what is no expression
 */
export const isMet = (expression, allowed) => {
  const words = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  /** @param {string} word */
  const take = (word) => words[at] === word && ++at > 0;

  /** @returns {boolean} */
  const choice = () => {
    let met = all();
    while (take('OR')) met = all() || met;
    return met;
  };
  const all = () => {
    let met = one();
    while (take('AND')) met = one() && met;
    return met;
  };
  const one = () => {
    if (take('(')) {
      const met = choice();
      return take(')') && met;
    }
    const licence = words[at++] ?? '';
    return allowed.has(take('WITH') ? `${licence} WITH ${words[at++]}` : licence);
  };

  return choice() && at === words.length;
};
