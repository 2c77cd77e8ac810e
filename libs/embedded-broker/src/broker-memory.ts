/**
 * The broker's share of the container's memory, for its heap. Node also sizes its own heap by the container, at most to
 * half of it.
 */
const share = 0.2;
/** nats-server with the agent's streams needs room for messages under way. */
const leastBytes = 48 * 1024 * 1024;

/**
 * `GOMEMLIMIT` for an embedded nats-server. Without it, nats-server sees the memory of the machine, and in a small
 * container the kernel would end it together with the agent.
 *
 * @param constrained the container's limit in bytes; 0, or more than the machine has, when there is no limit
 * @param machine the machine's memory in bytes
 * @returns undefined without a limit
 */
export function brokerMemoryLimit(constrained: number, machine: number): string | undefined {
  if (constrained <= 0 || constrained >= machine) return undefined;
  return `${Math.max(leastBytes, Math.round(constrained * share))}B`;
}
