import { lossTermNames } from '../losses/terms.js';
import { shortNumber } from '../methods/facts.js';

/** Seconds as people read them: `8 s`, `2 min 05 s`, `1 h 12 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** Bytes in the unit that people read: `80.1 MB`; a megabyte has 1,000,000 bytes. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A loss with its terms: `loss 0.75 (content 0.5, style 0.25)`. */
export function lossText(
  { total, ...terms }: { readonly total: number } & Readonly<Record<string, number>>,
  name = 'loss',
): string {
  const names: Readonly<Record<string, string>> = lossTermNames;
  const parts = Object.entries(terms).map(([term, value]) => `${names[term] ?? term} ${shortNumber(value)}`);
  return `${name} ${shortNumber(total)}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}

/**
 * Rows of cells with every column as wide as its widest cell.
 * @param align where cells stand in the columns from the second on: numbers to the right
 */
export function textTable(rows: readonly (readonly string[])[], align: 'left' | 'right' = 'right'): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const cell = (text: string, column: number): string =>
    column > 0 && align === 'right' ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
  return rows.map((row) => `${row.map(cell).join('  ').trimEnd()}\n`).join('');
}
