/** Explores the model: every interleaving of a small world, or random walks through a larger one. */
import type { Move } from './move.ts';
import { movesOf } from './moves.ts';
import { checkAtRest } from './at-rest.ts';
import { newWorld, Violation, type ModelOptions, type World } from './world.ts';

export interface Explored {
  readonly states: number;
  readonly atRest: number;
  readonly complete: boolean;
  /** The first rule that was broken, and the moves that led there. */
  readonly harm?: { readonly message: string; readonly path: readonly string[] };
}

/** Breadth first, up to `most` states. */
export function exploreAll(options: ModelOptions, most = Infinity): Explored {
  const first = JSON.stringify(newWorld(options));
  const seen = new Map<string, { readonly from: string | undefined; readonly move: string }>([
    [first, { from: undefined, move: 'start' }],
  ]);
  let atRest = 0;
  const pathTo = (text: string | undefined): string[] => {
    const path: string[] = [];
    for (let at = text; at !== undefined; at = seen.get(at)?.from) path.unshift(seen.get(at)?.move ?? '');
    return path;
  };
  for (const [text] of seen) {
    const world = JSON.parse(text) as World;
    const moves = movesOf(world, options);
    try {
      if (isAtRest(moves)) {
        atRest += 1;
        checkAtRest(world, options);
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
        atRest,
        complete: false,
        harm: { message: error.message, path: pathTo(text) },
      };
    }
    if (seen.size > most) return { states: seen.size, atRest, complete: false };
  }
  return { states: seen.size, atRest, complete: true };
}

/** At rest: the only moves are new commands of APIM, and faults. */
function isAtRest(moves: readonly Move[]): boolean {
  return moves.every(({ kind }) => kind === 'send' || kind === 'fault');
}

/** A world that needs more steps than this does not come to rest. */
const mostSteps = 2_000;

/** Work is likelier than time: otherwise every deadline would pass before anything is done. */
const weights = { work: 8, send: 4, fault: 2, time: 1 } as const;

/** How often the first process in this walk's order moves, instead of a random one. */
const orderly = 0.7;

/**
 * Each walk has its own order of the processes, so that one of them may stand still for long. Most rules are broken by
 * a process that goes on after all others thought it dead.
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

/** The rank of the process in a move's name: `process 0:c1 look` and `process 0:c1 act` have the same rank. */
function rank(name: string, salt: number): number {
  const known = hashes.get(name) ?? hashOfProcess(name);
  hashes.set(name, known);
  const mixed = Math.imul(known ^ salt, 0x85eb_ca6b);
  return Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35) >>> 0;
}

/** There are few names, and each is asked for at every step. */
const hashes = new Map<string, number>();

function hashOfProcess(name: string): number {
  const who = name
    .replace(/^replica (\d) takes (\w+)$/u, 'process $1:$2')
    .split(' ')
    .slice(0, 2)
    .join(' ');
  let hash = 0;
  for (const character of who) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return hash;
}

/**
 * One walk: each choice picks a move. After the choices there are no more faults, and the world comes to rest.
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
    // Work before time. The choices are used again and again, so that a late call both executes and does not.
    const work = moves.filter(({ kind }) => kind === 'work');
    const from = work.length > 0 ? work : moves;
    const choice = choices.length > 0 ? (choices[step % choices.length] ?? 0) : 0;
    const move = from[Math.floor(choice * from.length)];
    if (!move) {
      try {
        checkAtRest(world, options);
      } catch (error) {
        throw error instanceof Violation ? new Violation(`${error.message}\n${path.join('\n')}`) : error;
      }
      return { world, path };
    }
    take(move);
  }
  throw new Violation(`does not come to rest\n${path.join('\n')}`);
}
