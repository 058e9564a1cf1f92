import { Command } from 'commander';
import { openBrowser } from '../../service/open-browser.node.js';
import { startStudio } from '../../service/studio-server.node.js';
import { commandDescriptions } from '../command-descriptions.js';
import { flagNames, withFlags } from '../flag-words.js';
import { untilInterrupted } from '../interruption.js';
import { wholeNumber } from '../option-values.js';
import { processTerminal, type Terminal } from '../terminal.js';

/** Always the same one, since a browser keeps what belongs to a page by its address. */
const usualPort = 7477;

/**
 * The command `pastiche studio`: serves the page to this machine until Ctrl-C, and opens it.
 * @param terminal the process's unless given
 * @param open opens the address
 */
export function studioCommand(terminal: Terminal = processTerminal, open = openBrowser): Command {
  return new Command('studio')
    .description(commandDescriptions.studio)
    .addOption(wholeNumber('--port', 'where it is served; 0 for any free port', 0, 65535).default(usualPort))
    .option('--no-open', 'print the address, and open no browser')
    .addHelpText('after', '\nCtrl-C ends it.')
    .action((options: { readonly port: number; readonly open: boolean }) =>
      withFlags(flagNames(['port']), () => serve(terminal, options.port, options.open ? open : undefined)),
    );
}

function serve(
  { stdout }: Terminal,
  port: number,
  open: ((address: string) => void) | undefined,
): Promise<void> {
  return untilInterrupted(async () => {
    const studio = await startStudio(port);
    stdout.write(`${studio.address}\n`);
    open?.(studio.address);
    return studio;
  });
}
