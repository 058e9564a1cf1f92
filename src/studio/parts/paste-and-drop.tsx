import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { method } from '../state/choices.js';
import { missingRoles } from '../state/pictures.js';
import { giveFiles } from './pictures.js';

/** What is pasted, or dropped anywhere, goes to the first role that still needs a picture, else to the subject. */
function giveNext(files: readonly File[]): void {
  for (const file of files.filter(({ type }) => type.startsWith('image/') || type === '')) {
    giveFiles(missingRoles(method.value)[0] ?? method.value.roles[0]!, [file]);
  }
}

/** The page as a place to drop pictures on. */
export function PasteAndDrop({ children }: { readonly children: ComponentChildren }): JSX.Element {
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => giveNext([...(event.clipboardData?.files ?? [])]);
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
  return (
    <div
      class="page"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        giveNext([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      {children}
    </div>
  );
}
