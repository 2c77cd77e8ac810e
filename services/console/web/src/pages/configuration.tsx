import { useState } from 'preact/hooks';
import type { Configuration } from '../../../src/api/system.ts';
import { useResource } from '../api/use-resource.ts';
import { counted } from '../lib/numbers.ts';
import { Page } from '../ui/page.tsx';
import { Search } from '../ui/search.tsx';
import { Empty, Loaded } from '../ui/states.tsx';

type Process = Configuration['processes'][number];

/** What each process runs with, and where each value comes from. Secrets are masked by the agent itself. */
export function ConfigurationPage() {
  const configuration = useResource<Configuration>('/api/configuration');
  return (
    <Page title="Configuration">
      <p class="lead faint">
        The values in force, with their sources. A process reads them when it starts. Secrets are masked.
      </p>
      <Loaded of={configuration}>
        {({ processes }) =>
          processes.length === 0 ? (
            <Empty title="No process has told its configuration.">
              Is one running, and is the broker up?
            </Empty>
          ) : (
            <Values processes={processes} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Values({ processes }: { readonly processes: readonly Process[] }) {
  const [search, setSearch] = useState('');
  const [set, setSet] = useState(true);
  const [instance, setInstance] = useState('');
  const process = processes.find((one) => one.instance === instance) ?? processes[0];
  if (process === undefined) return null;
  const words = search.toLowerCase().split(/\s+/u);
  const values = process.values.filter(
    ({ key, value, source }) =>
      (!set || source !== 'default') &&
      words.every((word) => `${key} ${value} ${source}`.toLowerCase().includes(word)),
  );
  return (
    <>
      <div class="bar" role="search" aria-label="Search the configuration">
        <Search label="Search keys and values" value={search} onInput={setSearch} />
        {processes.length > 1 && (
          <select
            aria-label="Process"
            value={process.instance}
            onChange={({ currentTarget }) => setInstance(currentTarget.value)}
          >
            {processes.map(({ instance: id, services }) => (
              <option key={id} value={id}>
                {services.join(', ')} ({id})
              </option>
            ))}
          </select>
        )}
        <label class="check">
          <input
            type="checkbox"
            checked={set}
            onChange={({ currentTarget }) => setSet(currentTarget.checked)}
          />
          Only what is set
        </label>
        <span class="grow" />
        <span class="faint" role="status">
          {counted(values.length, 'key')}
        </span>
      </div>
      {values.length === 0 ? (
        <Empty title="No key matches.">Show the defaults too, or search for less.</Empty>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Values">
          <table class="list">
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col">Value</th>
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              {values.map(({ key, value, source }) => (
                <tr key={key}>
                  <td class="mono value">{key}</td>
                  <td class="mono value">{value}</td>
                  <td class={`value ${source === 'default' ? 'faint' : ''}`}>{source}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
