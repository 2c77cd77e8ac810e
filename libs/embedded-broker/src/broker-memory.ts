/**
 * Of the container's memory: the broker's heap. Node sizes its own by the container as well, to half of it at the most.
 */
const share = 0.2;
/** nats-server with the agent's streams wants room for what is on its way. */
const leastBytes = 48 * 1024 * 1024;

/**
 * `GOMEMLIMIT` for an embedded nats-server, which otherwise sees the machine's memory and is ended by the kernel in a
 * small container, with the whole agent.
 *
 * @param constrained what the container may have, in bytes; 0 or more than the machine has where there is no limit
 * @param machine the machine's memory, in bytes
 * @returns undefined without a limit
 */
export function brokerMemoryLimit(constrained: number, machine: number): string | undefined {
  if (constrained <= 0 || constrained >= machine) return undefined;
  return `${Math.max(leastBytes, Math.round(constrained * share))}B`;
}
