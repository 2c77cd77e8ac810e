/**
 * What Node gets for the agent, as in the images (`NODE_OPTIONS` in deploy/Dockerfile). The agent relays and forgets:
 * with V8's own 16 MiB for what is young, a third of its memory after a load is garbage that waits. What it costs and
 * saves: `npm run bench -- relay memory`.
 */
export const agentFlags = ['--max-semi-space-size=4'];
