/** Whether an agent runs with this configuration: its health answers, or its data folder is held. */
import { Agent, request } from 'node:https';
import type { AgentConfig } from '@federation-agent/contracts';
import { dataFolderHolder } from '../data-folder.ts';
import type { CheckResult } from './result.ts';

export interface RunningAgent {
  readonly running: boolean;
  /** Who holds the data folder of the embedded broker. */
  readonly folderHolder: string | undefined;
  readonly result: CheckResult;
}

const answerMs = 2_000;

export async function findRunningAgent(config: AgentConfig): Promise<RunningAgent> {
  const { host, port, enabled, secured } = config.services.core.http;
  const url = `${secured ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}/readyz`;
  const [status, folderHolder] = await Promise.all([
    enabled && port !== 0 ? statusOf(url, secured) : undefined,
    config.federation.broker.url === undefined ? dataFolderHolder(config.federation.dataDir) : undefined,
  ]);
  const found = (detail: string, ok = true): CheckResult => ({
    check: 'agent',
    subject: '',
    status: ok ? 'ok' : 'note',
    detail,
  });
  if (status !== undefined) {
    const ready = status === 200;
    const detail = `one runs here and is ${ready ? 'ready' : `not ready (HTTP ${status})`}; nothing below disturbs it`;
    return {
      running: true,
      folderHolder,
      result: { ...found(detail, ready), ...(!ready && { fix: `see what it says: curl ${url}` }) },
    };
  }
  if (folderHolder !== undefined) {
    return {
      running: true,
      folderHolder,
      result: found(`one runs (${folderHolder} holds the data folder); nothing below disturbs it`),
    };
  }
  return { running: false, folderHolder: undefined, result: found('none runs here, as far as can be seen') };
}

/** Undefined: nothing of ours answers there. */
async function statusOf(url: string, secured: boolean): Promise<number | undefined> {
  try {
    const status = secured ? await securedStatus(url) : await plainStatus(url);
    return status === 200 || status === 503 ? status : undefined;
  } catch {
    return undefined;
  }
}

async function plainStatus(url: string): Promise<number> {
  const response = await fetch(url, { signal: AbortSignal.timeout(answerMs), redirect: 'manual' });
  await response.body?.cancel();
  return response.status;
}

/** The agent's own certificate is not what is examined here. */
function securedStatus(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent: new Agent({ rejectUnauthorized: false }), timeout: answerMs }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('timeout', () => reject(new Error('no answer')))
      .on('error', reject)
      .end();
  });
}
