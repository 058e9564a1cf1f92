import type { JSX } from 'preact';
import { useSignal } from '@preact/signals';
import { texts } from '../texts.js';
import { LayerPart } from './layer-part.js';
import { LossesPart } from './losses-part.js';
import './teaching.css';
import { WorkedExamplePart } from './worked-example-part.js';

/** How it works, with the pictures and the run that are there. Nothing is computed for it until it is opened. */
export function TeachingPart(): JSX.Element {
  const isOpen = useSignal(false);
  return (
    <details
      class="teaching"
      open={isOpen.value}
      onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}
    >
      <summary>{texts.teaching.heading}</summary>
      {isOpen.value && (
        <>
          <p>{texts.teaching.text}</p>
          <LayerPart />
          <LossesPart />
          <WorkedExamplePart />
        </>
      )}
    </details>
  );
}
