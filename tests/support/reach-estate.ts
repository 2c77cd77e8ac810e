/** An estate of all types of APIs with custom domains, over ten regions of one account. */
import type { AwsControl, RemoteAwsControl } from '@federation-agent/sandbox';

/** 300 REST, 300 HTTP and 50 WebSocket APIs, and 100 domains. */
export const reachEstate = {
  regions: [
    ...['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1', 'eu-north-1'],
    ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1'],
  ],
  restApis: 30,
  httpApis: 30,
  webSocketApis: 5,
  domains: 10,
} as const;

/** The keys of the configuration that show all of it. */
export const reachKeys = {
  httpApis: 'true',
  webSocketApis: 'true',
  customDomains: 'true',
  accountLimits: 'true',
} as const;

/** How many APIs are in the estate, all types together. */
export function apisOfReachEstate(): number {
  const { regions, restApis, httpApis, webSocketApis } = reachEstate;
  return regions.length * (restApis + httpApis + webSocketApis);
}

/** Makes it, and lets the agent read it; one REST API of each region has its default endpoint switched off. */
export async function seedReachEstate(control: AwsControl | RemoteAwsControl): Promise<void> {
  const { regions, restApis, ...reach } = reachEstate;
  await control.grantReach();
  for (const [index, region] of regions.entries()) {
    const made = await control.seed({
      region,
      apis: restApis,
      unplanned: 0,
      plans: 3,
      seed: index,
      prefix: region,
    });
    await control.seedReach({ region, prefix: region, ...reach });
    const [first] = made.apis;
    if (first) await control.disableEndpoint({ region, apiId: first.id });
  }
}
