import { href } from '../lib/route.ts';
import { Page } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';

/** An address that is no page's. */
export function NowherePage() {
  return (
    <Page title="No such page">
      <Empty title="There is no page at this address.">
        Look at the <a href={href('overview')}>overview</a>, or choose a page on the left.
      </Empty>
    </Page>
  );
}
