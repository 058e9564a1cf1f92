import type { JSX } from 'preact';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { texts } from '../texts.js';
import { reporting } from '../state/reporting.js';
import {
  channelRow,
  computeExample,
  exampleGram,
  exampleShape,
  exampleValues,
  setExampleValue,
  tutorialValues,
} from './worked-example.js';

const { width, channels } = exampleShape;
const eachChannel = Array.from({ length: channels }, (_, channel) => channel);

const inWords = (value: number): string => String(Number(value.toPrecision(6)));

/** The Gram matrix of twelve numbers, which may be changed. */
export function WorkedExamplePart(): JSX.Element {
  const values = exampleValues.value;
  useEffect(() => void reporting(computeExample), [values]);
  const cell = useSignal({ row: 0, column: 1 });
  const { example } = texts;
  return (
    <section class="example" aria-labelledby="example-heading">
      <h3 id="example-heading">{example.heading}</h3>
      <p class="hint">{example.text}</p>
      <div class="matrices">
        <table>
          <caption>{example.features}</caption>
          <thead>
            <tr>
              <td />
              {values
                .filter((_, index) => index % channels === 0)
                .map((_, position) => (
                  <th scope="col" key={position}>
                    {example.position(Math.floor(position / width) + 1, (position % width) + 1)}
                  </th>
                ))}
            </tr>
          </thead>
          <tbody>
            {eachChannel.map((channel) => (
              <tr key={channel}>
                <th scope="row">{texts.layerLesson.channel(channel + 1)}</th>
                {channelRow(channel).map((value, position) => (
                  <td key={position}>
                    <input
                      type="text"
                      inputMode="decimal"
                      autocomplete="off"
                      aria-label={`${texts.layerLesson.channel(channel + 1)}, ${example.position(
                        Math.floor(position / width) + 1,
                        (position % width) + 1,
                      )}`}
                      value={inWords(value)}
                      onChange={({ currentTarget }) => {
                        const text = currentTarget.value.trim().replace(',', '.');
                        if (text !== '') setExampleValue(position * channels + channel, Number(text));
                        currentTarget.value = inWords(exampleValues.value[position * channels + channel]!);
                      }}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        <GramTable row={cell.value.row} column={cell.value.column} onChoose={(next) => (cell.value = next)} />
      </div>
      <p class="formula" role="status">
        {formula(cell.value.row, cell.value.column)}
      </p>
      <button type="button" onClick={() => (exampleValues.value = tutorialValues)}>
        {example.reset}
      </button>
    </section>
  );
}

function GramTable(props: {
  readonly row: number;
  readonly column: number;
  readonly onChoose: (cell: { row: number; column: number }) => void;
}): JSX.Element {
  const gram = exampleGram.value;
  return (
    <table class="gram" aria-busy={gram === undefined}>
      <caption>{texts.example.gram}</caption>
      <tbody>
        {eachChannel.map((row) => (
          <tr key={row}>
            {eachChannel.map((column) => {
              const value = gram?.[row * channels + column];
              const isChosen = row === props.row && column === props.column;
              return (
                <td key={column}>
                  <button
                    type="button"
                    aria-pressed={isChosen}
                    aria-label={`${texts.layerLesson.pair(row + 1, column + 1)}: ${value === undefined ? '…' : inWords(value)}`}
                    onClick={() => props.onChoose({ row, column })}
                  >
                    {value === undefined ? '…' : inWords(value)}
                  </button>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** How the number of two channels comes about, with the numbers of now. */
function formula(row: number, column: number): string {
  const [a, b] = [channelRow(row), channelRow(column)];
  const value = exampleGram.value?.[row * channels + column];
  const products = a.map((left, position) => `${inWords(left)} · ${inWords(b[position]!)}`).join(' + ');
  return `(${products}) / ${a.length} = ${value === undefined ? '…' : inWords(value)}`;
}
