import { commandLine } from '../../cli/command-line.js';
import { method } from './choices.js';
import { chosenOrder, firstPass, type Order } from './order.js';
import { missingRoles } from './pictures.js';
import { shown } from './result.js';

/** What a method's result is called in a command. */
function outputOf({ output }: Order['method'], name: string): string | undefined {
  if (output.kind === 'picture') return `${name}.png`;
  if (output.kind === 'data') return `${name}${output.suffix}`;
  return output.kind === 'folder' ? name : undefined;
}

/** The lines for an order: first that which makes the picture that it begins with. */
function linesOf({ method: one, pictures, options, network, initial }: Order, name: string): string[] {
  const first = `${name}-first`;
  const before = initial?.madeBy === undefined ? [] : linesOf(initial.madeBy, first);
  const named = Object.entries(pictures).map(([role, given]) => [role, given.map((picture) => picture.name)]);
  const initialFiles = initial === undefined ? {} : { initial: [`${first}.png`] };
  const request = {
    pictures: { ...(Object.fromEntries(named) as Record<string, string[]>), ...initialFiles },
    options,
    output: outputOf(one, name),
    network,
  };
  return [...before, commandLine(one, request)];
}

/** The command that makes what is shown, or what is chosen where nothing of it is shown yet. */
export function commandOf(): string | undefined {
  if (missingRoles(method.value).length > 0) return undefined;
  const made = shown.value?.order;
  const order = made?.method === method.value ? made : (firstPass() ?? chosenOrder());
  return linesOf(order, 'out').join(' &&\n');
}
