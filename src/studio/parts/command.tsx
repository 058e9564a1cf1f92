import type { JSX } from 'preact';
import { useSignal } from '@preact/signals';
import { commandOf } from '../state/command.js';
import { texts } from '../texts.js';

/** The command that does the same in a terminal. */
export function CommandPart(): JSX.Element | null {
  const isCopied = useSignal(false);
  const command = commandOf();
  if (command === undefined) return null;
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(command);
    isCopied.value = true;
    setTimeout(() => (isCopied.value = false), 2000);
  };
  return (
    <section aria-labelledby="command-heading">
      <h2 id="command-heading">{texts.command}</h2>
      <pre class="command" tabIndex={0} aria-label={texts.command}>
        <code>{command}</code>
      </pre>
      <button type="button" class="copy" onClick={() => void copy()}>
        {isCopied.value ? texts.copied : texts.copyCommand}
      </button>
    </section>
  );
}
