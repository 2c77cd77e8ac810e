/** Explores the model: every interleaving of a small world, or random walks through a larger one. */
import type { Move } from './move.ts';
import { movesOf } from './moves.ts';
import { checkQuiet } from './quiet.ts';
import { newWorld, Violation, type ModelOptions, type World } from './world.ts';

export interface Explored {
  readonly states: number;
  readonly quiet: number;
  readonly complete: boolean;
  /** The first rule that was broken, and the way there. */
  readonly harm?: { readonly message: string; readonly path: readonly string[] };
}

/** Breadth first, up to `most` states. */
export function exploreAll(options: ModelOptions, most = Infinity): Explored {
  const first = JSON.stringify(newWorld(options));
  const seen = new Map<string, { readonly from: string | undefined; readonly move: string }>([
    [first, { from: undefined, move: 'start' }],
  ]);
  let quiet = 0;
  const pathTo = (text: string | undefined): string[] => {
    const path: string[] = [];
    for (let at = text; at !== undefined; at = seen.get(at)?.from) path.unshift(seen.get(at)?.move ?? '');
    return path;
  };
  for (const [text] of seen) {
    const world = JSON.parse(text) as World;
    const moves = movesOf(world, options);
    try {
      if (isQuiet(moves)) {
        quiet += 1;
        checkQuiet(world, options);
      }
      for (const move of moves) {
        const next = JSON.parse(text) as World;
        try {
          move.run(next);
        } catch (error) {
          throw error instanceof Violation ? new Violation(`${move.name}: ${error.message}`) : error;
        }
        const key = JSON.stringify(next);
        if (!seen.has(key)) seen.set(key, { from: text, move: move.name });
      }
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      return {
        states: seen.size,
        quiet,
        complete: false,
        harm: { message: error.message, path: pathTo(text) },
      };
    }
    if (seen.size > most) return { states: seen.size, quiet, complete: false };
  }
  return { states: seen.size, quiet, complete: true };
}

/** Nothing is left to do but what APIM may ask for next, or what may still go wrong. */
function isQuiet(moves: readonly Move[]): boolean {
  return moves.every(({ kind }) => kind === 'send' || kind === 'fault');
}

/** Most steps of the way to rest; a world that needs more does not come to rest. */
const mostSteps = 2_000;

/** Work is likelier than time, or every deadline would pass before anything is done. */
const weights = { work: 8, send: 4, fault: 2, time: 1 } as const;

/** How often whoever is first in this walk's order goes on, instead of anybody. */
const orderly = 0.7;

/**
 * Each walk has an order of its own among those who move, so that one of them may be left behind for long: most harm is
 * done by a process that goes on after everybody thought it dead.
 */
function pick(moves: readonly Move[], choice: number, salt: number): Move | undefined {
  const willing = moves.filter(({ kind }) => kind === 'work' || kind === 'send');
  if (choice < orderly && willing.length > 0) {
    const ranks = willing.map((move) => rank(move.name, salt));
    return willing[ranks.indexOf(Math.max(...ranks))];
  }
  const rest = choice < orderly ? choice / orderly : (choice - orderly) / (1 - orderly);
  let left = rest * moves.reduce((sum, { kind }) => sum + weights[kind], 0);
  return moves.find(({ kind }) => (left -= weights[kind]) < 0);
}

/** Of who moves: `process 0:c1 look` and `process 0:c1 act` are the same one. */
function rank(name: string, salt: number): number {
  const who = name
    .replace(/^replica (\d) takes (\w+)$/u, 'process $1:$2')
    .split(' ')
    .slice(0, 2)
    .join(' ');
  let hash = salt;
  for (const character of who) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return hash;
}

/**
 * One walk: each choice picks a move, then nothing more goes wrong and the world comes to rest.
 *
 * @param choices 0 <= x < 1
 * @throws Violation
 */
export function walk(
  options: ModelOptions,
  choices: readonly number[],
): { readonly world: World; readonly path: readonly string[] } {
  const world = newWorld(options);
  const path: string[] = [];
  const salt = Math.floor((choices[0] ?? 0) * 2 ** 32);
  const take = (move: Move): void => {
    path.push(move.name);
    try {
      move.run(world);
    } catch (error) {
      throw error instanceof Violation ? new Violation(`${error.message}\n${path.join('\n')}`) : error;
    }
  };
  for (const choice of choices) {
    const move = pick(movesOf(world, options), choice, salt);
    if (!move) break;
    take(move);
  }
  for (let step = 0; step < mostSteps; step += 1) {
    const moves = movesOf(world, options).filter(({ kind }) => kind === 'work' || kind === 'time');
    // Work before time; the choices go on turning, so that both ways of a late call are seen.
    const work = moves.filter(({ kind }) => kind === 'work');
    const from = work.length > 0 ? work : moves;
    const choice = choices.length > 0 ? (choices[step % choices.length] ?? 0) : 0;
    const move = from[Math.floor(choice * from.length)];
    if (!move) {
      try {
        checkQuiet(world, options);
      } catch (error) {
        throw error instanceof Violation ? new Violation(`${error.message}\n${path.join('\n')}`) : error;
      }
      return { world, path };
    }
    take(move);
  }
  throw new Violation(`does not come to rest\n${path.join('\n')}`);
}
