const STEPS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** The newest values at the right, each a cell, as high as it is of the greatest shown; blank where there is none yet. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width);
  const most = Math.max(...shown, 0);
  const cells = shown.map((value) => STEPS[most > 0 ? Math.round((value / most) * (STEPS.length - 1)) : 0]);
  return cells.join('').padStart(width);
}
