/** For a command without arguments: whoever passes one expects something of it. */

/**
 * Says what the command does where that is asked for, and refuses everything else.
 * @param {string} help
 */
export const takesNoArguments = (help) => {
  const args = process.argv.slice(2);
  if (args.length === 0) return;
  const asked = args.every((arg) => arg === '--help' || arg === '-h');
  (asked ? console.log : console.error)(
    asked ? help : `${args.join(' ')}: nothing was asked for by that.\n\n${help}`,
  );
  process.exit(asked ? 0 : 2);
};
