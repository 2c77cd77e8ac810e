/** APIs that AWS allows and APIM's database does not: every text at a column's width and one above, and twins. Pure. */

/** What an owner of the account makes. */
export interface HostileApi {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly plans: readonly HostilePlan[];
}

interface HostilePlan {
  readonly name: string;
  readonly description: string;
  /** By "/path/METHOD", as AWS has it. */
  readonly throttle: Readonly<Record<string, { rateLimit: number; burstLimit: number }>>;
}

/** Letters of one, two and three bytes with a case of their own or none, and characters of two units and more. */
const alphabets = {
  latin: { letters: ['a', 'É', 'ß', 'z'], twins: ['Straße', 'STRASSE'] },
  cyrillic: { letters: ['ж', 'Ы', 'я'], twins: ['Среда', 'среда'] },
  han: { letters: ['東', '京', '都'], twins: ['ＥＮＶ東', 'env東'] },
  emoji: { letters: ['🚀', '👨‍👩‍👧', '🧪', 'é'], twins: ['team 🚀', 'team 🧪'] },
} as const;
export type Alphabet = keyof typeof alphabets;
export const alphabetNames = Object.keys(alphabets) as Alphabet[];

/** The stage that each is deployed to; ` (prod)` is behind the name in APIM. */
export const stageName = 'prod';
const behindName = ` (${stageName})`.length;
const limits = { rateLimit: 100, burstLimit: 200 };
const limitWords = ': 100 requests per second, burst 200';

/** Exactly so many UTF-16 units: letters of an alphabet as often as they fit, then `x`. */
function textOf(alphabet: Alphabet, length: number, begin = ''): string {
  const { letters } = alphabets[alphabet];
  let text = begin;
  for (let at = 0; ; at += 1) {
    const letter = letters[at % letters.length] ?? 'x';
    if (text.length + letter.length > length) return text.padEnd(length, 'x');
    text += letter;
  }
}

/** So many APIs of an alphabet; each has other texts at a width, one unit above, or as long as AWS allows. */
export function hostileApis(alphabet: Alphabet, count: number): HostileApi[] {
  return Array.from({ length: count }, (_, index) => hostileApi(alphabet, index));
}

function hostileApi(alphabet: Alphabet, index: number): HostileApi {
  const pick = (...lengths: readonly number[]): number => lengths[index % lengths.length] ?? 1;
  const text = (length: number, begin = `${index} `): string => textOf(alphabet, length, begin);
  const { twins } = alphabets[alphabet];
  const [one, other] = twins;
  const planName = text(pick(64, 65, 128, 20), '');
  return {
    name: text(pick(512 - behindName, 513 - behindName, 1_024, 20)),
    version: text(pick(64, 65, 200)),
    description: text(pick(4_000, 4_001, 100, 6_000, 1_024)),
    // The key in APIM is `Tag ` and the key.
    tags: {
      [text(60, 'k60 ')]: text(256),
      [text(61, 'k61 ')]: 'one above the width',
      [text(127, 'k128 ') + '1']: 'the same beginning',
      [text(127, 'k128 ') + '2']: 'the same beginning, too',
      [one]: 'a twin',
      [other]: 'the other twin',
      Env: 'upper',
      env: 'lower',
    },
    plans: [
      { name: planName, description: text(5_000), throttle: throttleOf(alphabet, index) },
      // The name of the one before: in full, or in other letters.
      { name: index % 2 === 0 ? planName : planName.toLowerCase(), description: '', throttle: {} },
    ],
  };
}

/** Method limits whose words are 64, 65, 72 and 130 units, and two that differ in case only. */
function throttleOf(alphabet: Alphabet, index: number): HostilePlan['throttle'] {
  const words = (length: number, begin: string): string =>
    `${textOf(alphabet, length - limitWords.length - 'GET '.length, `/${begin}`)}/GET`;
  return {
    [words(64, 'a')]: limits,
    [words(65, 'b')]: limits,
    '/orders/{orderId}/items/{itemId}/GET': limits,
    [words(130, `c${index}`)]: limits,
    '/Orders/GET': limits,
    '/orders/GET': limits,
  };
}
