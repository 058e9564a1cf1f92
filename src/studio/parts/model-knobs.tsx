import type { JSX } from 'preact';
import {
  largestModelWeight,
  layerKnobs,
  setLayerWeight,
  setStylePart,
  styleKnobs,
} from '../state/model-knobs.js';
import { texts } from '../texts.js';
import { Slider } from './slider.js';

/** The styles of a model, to be blended, and what counts how much in one that can be adjusted. */
export function ModelKnobs(): JSX.Element | null {
  const [styles, layers] = [styleKnobs.value, layerKnobs.value];
  if (styles.length === 0 && layers.length === 0) return null;
  return (
    <>
      {styles.length > 0 && (
        <fieldset class="blend">
          <legend>{texts.optionName('style')}</legend>
          {styles.map(({ name, value }) => (
            <Slider
              key={name}
              id={`style-${name}`}
              label={texts.styleName(name)}
              value={value}
              range={[0, 1, 0.05]}
              onValue={(part) => setStylePart(name, part)}
            />
          ))}
        </fieldset>
      )}
      {layers.length > 0 && (
        <fieldset class="blend">
          <legend>{texts.optionName('layerWeights')}</legend>
          {layers.map(({ name, value }) => (
            <Slider
              key={name}
              id={`layer-${name}`}
              label={name}
              value={value}
              range={[0, largestModelWeight, 0.05]}
              onValue={(weight) => setLayerWeight(name, weight)}
            />
          ))}
        </fieldset>
      )}
    </>
  );
}
