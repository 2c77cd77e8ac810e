/**
 * Resolves when the condition holds; looks again every 10 ms.
 *
 * @throws Error after `withinMs`: a test that fails must end
 */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  withinMs = 18_000,
): Promise<void> {
  const until = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > until) throw new Error(`not within ${withinMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
