/** What an operator may ask aws-discovery over the broker: a scan now, and a look into AWS. */
import {
  AskLook,
  AskScan,
  catalogKeys,
  type LookFound,
  type OperatorAnswer,
} from '@federation-agent/contracts';
import { describeError, mapConcurrently } from '@federation-agent/base';
import { answerOperator, changeRecord, publishEvent, type Answering } from '@federation-agent/broker';
import type { Discovery, Integration } from '../deps.ts';
import { requestedAll, withScanRequested } from '../scan/claim.ts';

/** APIs that a look names; whoever looks has a name or an id. */
const mostFound = 50;
const targetsAtOnce = 4;

export function answerOperatorRequests(discovery: Discovery, integration: Integration): Answering {
  const { broker } = discovery;
  const { integrationId } = integration.settings;
  const answering = [
    answerOperator(broker, broker.subjects.operator('scan', integrationId), AskScan, (request) =>
      askForScan(discovery, request),
    ),
    answerOperator(broker, broker.subjects.operator('look', integrationId), AskLook, (request) =>
      look(integration, request),
    ),
  ];
  return {
    stop: () => {
      for (const one of answering) one.stop();
    },
  };
}

async function askForScan(
  { scans, broker, clock, telemetry }: Discovery,
  { integrationId, account, region, all, by }: AskScan,
): Promise<OperatorAnswer> {
  const records = await scans.entries(catalogKeys.ofIntegration(integrationId));
  const wanted = records.filter(
    ({ value }) => (account ?? value.account) === value.account && (region ?? value.region) === value.region,
  );
  if (wanted.length === 0) return { status: 404, message: 'the agent scans no such account and region' };
  const ask = (all ? requestedAll : withScanRequested)(clock.now());
  for (const { key, value } of wanted) {
    await changeRecord(scans, key, ask);
    telemetry.log.info(
      { integrationId, account: value.account, region: value.region, user: by },
      'an operator asked for a scan',
    );
    publishEvent(broker, 'operator', {
      at: clock.now(),
      integrationId,
      actor: { kind: 'operator', name: by },
      outcome: 'ok',
      what: 'scan',
      account: value.account,
      region: value.region,
    });
  }
  return {
    status: 200,
    body: { targets: wanted.map(({ value }) => ({ account: value.account, region: value.region })) },
  };
}

/** Reads the lists of every target; nothing is written. */
async function look({ plane, settings }: Integration, { text }: AskLook): Promise<OperatorAnswer> {
  const signal = AbortSignal.timeout(15_000);
  const { ready, waiting } = await plane.targets(signal);
  const found: LookFound['apis'] = [];
  const failures = waiting.map(({ label, reason }) => `${label}: ${reason}`);
  const wanted = text.toLowerCase();
  await mapConcurrently(ready, targetsAtOnce, async (target) => {
    const { account, region, reads, v2 } = target;
    try {
      const [restApis, usagePlans, others] = await Promise.all([
        reads.restApis('command', signal),
        reads.usagePlans('command', signal),
        settings.v2Types.length > 0 ? v2.apis('command', signal) : [],
      ]);
      const wantedTypes = others.filter(({ apiType }) => apiType && settings.v2Types.includes(apiType));
      for (const { id, ...api } of [...restApis, ...wantedTypes]) {
        const { name, apiType } = api;
        const subject = { ...api, account, region };
        if (id !== text && !name.toLowerCase().includes(wanted)) continue;
        const stagesInPlans: Record<string, string[]> = {};
        for (const plan of usagePlans) {
          for (const { restApiId, stage } of plan.stages) {
            if (restApiId === id) (stagesInPlans[stage] ??= []).push(plan.id);
          }
        }
        const stages = Object.keys(stagesInPlans);
        const passes = stages.some((stage) => settings.filter({ ...subject, stage }));
        const filtered = !settings.mayPass(subject) || (stages.length > 0 && !passes);
        const type = apiType === undefined ? {} : { apiType };
        found.push({ account, region, restApiId: id, ...type, name, stagesInPlans, filtered });
      }
    } catch (error) {
      failures.push(`${account}/${region}: ${describeError(error)}`);
    }
  });
  return { status: 200, body: { apis: found.slice(0, mostFound), failures } };
}
