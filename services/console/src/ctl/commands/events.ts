import { AuditEvent, EventPage } from '../../api/index.ts';
import { print, textOption, type Command, type Run } from '../run.ts';
import { iso, table } from '../text.ts';

export const events: Command = {
  name: 'events',
  says: 'shows the audit trail, oldest first; --follow goes on with events as they happen',
  options: ['kind', 'subscription', 'api', 'account', 'region', 'integration', 'limit', 'follow'],
  run: async (run) => {
    const of = (name: Parameters<typeof textOption>[1]) => textOption(run.options, name);
    const filter = {
      kind: of('kind'),
      subscription: of('subscription'),
      api: of('api'),
      account: of('account'),
      region: of('region'),
      integration: of('integration'),
    };
    const found = await newest(run, filter, Number(of('limit') ?? 100));
    const shown = found.toReversed();
    if (run.options['follow'] !== true) {
      print(run, { events: shown }, () => tableOf(shown));
      return true;
    }
    for (const event of shown) line(run, event);
    await follow(run, filter, shown.at(-1)?.sequence ?? 0);
    return true;
  },
};

/** A page may be empty and have a next one: the filter matched nothing in that part of the trail. */
async function newest(run: Run, filter: object, limit: number): Promise<AuditEvent[]> {
  const found: AuditEvent[] = [];
  let before: number | undefined;
  do {
    const page = await run.client.get('/api/events', EventPage, {
      ...filter,
      limit: Math.min(1_000, limit - found.length),
      before,
    });
    found.push(...page.events);
    before = page.next;
  } while (before !== undefined && found.length < limit);
  return found;
}

/** What comes by the live stream only says that there is something: the filter is the API's. */
async function follow(run: Run, filter: object, from: number): Promise<void> {
  let last = from;
  for await (const event of liveEvents(await run.client.stream('/api/live'))) {
    if (event.sequence <= last) continue;
    const { events: news } = await run.client.get('/api/events', EventPage, { ...filter, limit: 1_000 });
    for (const one of news.filter(({ sequence }) => sequence > last).toReversed()) line(run, one);
    last = Math.max(last, event.sequence, news[0]?.sequence ?? 0);
  }
}

/** Reads `event: audit` of a stream of server-sent events. */
async function* liveEvents(stream: AsyncIterable<Uint8Array>): AsyncGenerator<AuditEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of stream) {
    rest += decoder.decode(bytes, { stream: true });
    const messages = rest.split('\n\n');
    rest = messages.pop() ?? '';
    for (const message of messages) {
      const data = /^event: audit\ndata: (?<data>.*)$/u.exec(message)?.groups?.['data'];
      if (data !== undefined) yield AuditEvent.parse(JSON.parse(data));
    }
  }
}

const head = ['time', 'what', 'about', 'who', 'outcome', 'detail'];

function cells(event: AuditEvent) {
  const { at, kind, what, actor, by, outcome, detail } = event;
  const about =
    event.graviteeSubscriptionId ??
    event.uniqueId ??
    (event.account ? `${event.account}/${event.region}` : '');
  return [iso(at), `${kind} ${what}`, about, by === undefined ? actor : `${actor} ${by}`, outcome, detail];
}

function tableOf(shown: readonly AuditEvent[]): string {
  return table(head, shown.map(cells));
}

/** One event as it happens. */
function line(run: Run, event: AuditEvent): void {
  const [, text = ''] = table(head, [cells(event)]).split('\n');
  run.out(run.options['json'] === true ? `${JSON.stringify(event)}\n` : `${text}\n`);
}
