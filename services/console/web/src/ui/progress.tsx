import type { Progress } from '../../../src/api/scans.ts';
import { count, percent } from '../lib/numbers.ts';
import { duration } from '../lib/time.ts';

interface ProgressBarProps {
  readonly of: Progress;
  /** What is counted, such as `REST APIs`. */
  readonly unit: string;
}

/** How far work is: done and to do, rate, time left. */
export function ProgressBar({ of: { done, total, rate, leftMs }, unit }: ProgressBarProps) {
  const per = percent(done, total);
  const words = [
    `${count(done)} of ${count(total)} ${unit}`,
    ...(rate === undefined ? [] : [`${count(rate)}/s`]),
    ...(leftMs === undefined ? [] : [`${duration(leftMs)} left`]),
  ];
  return (
    <div class="progress">
      <progress max={100} value={per} aria-label={`${per} % of ${unit}`} />
      <span class="small">{words.join(' · ')}</span>
    </div>
  );
}
