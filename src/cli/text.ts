import { lossTermNames, type Losses, type LossTerm } from '../losses/terms.js';

/** A number with three significant digits: `0.0312`, `12.4`, `1.2e+7`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value !== 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-4)) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

/** A loss and its parts: `loss 0.0914 (content 0.00918, style 0.0744)`. */
export function formatLosses({ total, ...terms }: Losses): string {
  const parts = Object.entries(terms).map(
    ([term, value]) => `${lossTermNames[term as LossTerm]} ${formatNumber(value)}`,
  );
  return `loss ${formatNumber(total)} (${parts.join(', ')})`;
}

/** Seconds as people read them: `8 s`, `2 min 05 s`, `1 h 12 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** Rows of cells with every column as wide as its widest cell; columns from the second on are set to the right if they are numbers. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const cell = (text: string, column: number): string =>
    column > 0 ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
  return rows.map((row) => `${row.map(cell).join('  ').trimEnd()}\n`).join('');
}
