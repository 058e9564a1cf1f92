import type { JSX } from 'preact';
import { isBusy } from '../state/run.js';
import { chooseVariant, removeVariant, variants } from '../state/variants.js';
import { texts } from '../texts.js';

/** Results so far, to go back to. */
export function VariantsPart(): JSX.Element | null {
  const all = variants.value;
  if (all.length === 0) return null;
  return (
    <section class="variants" aria-labelledby="variants-heading">
      <h2 id="variants-heading">{texts.variants}</h2>
      <ul class="strip">
        {all.map((variant, index) => (
          <li key={variant.kept.id}>
            <button
              type="button"
              disabled={isBusy.value}
              aria-label={texts.showVariant(all.length - index, variant.kept.order.method)}
              onClick={() => void chooseVariant(variant)}
            >
              <img src={variant.url} alt="" />
            </button>
            <button
              type="button"
              class="remove"
              aria-label={texts.removeVariant(all.length - index)}
              onClick={() => void removeVariant(variant)}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
