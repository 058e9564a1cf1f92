import type { JSX } from 'preact';

/** The row of a table that says what is in its columns. */
export const ColumnHeads = ({ names }: { readonly names: readonly string[] }): JSX.Element => (
  <thead>
    <tr>
      {names.map((name) => (
        <th scope="col" key={name}>
          {name}
        </th>
      ))}
    </tr>
  </thead>
);
