/** Characters of the longest name, without its suffix. */
const longestName = 80;

/** A file's name in two: `photo` and `.jpg`. */
export function splitName(name: string): { readonly stem: string; readonly suffix: string } {
  const suffix = /(?<=.)\.[^.]{1,10}$/.exec(name)?.[0] ?? '';
  return { stem: name.slice(0, name.length - suffix.length), suffix };
}

/**
 * What photographs are called in results and errors: as their files are, without folders and without what no file's name should have
 * anywhere. No name opens a file here, or is that of one. Two of one name, whatever their suffixes, are told apart by numbers.
 * @param given the names of their files, where they have some
 */
export function photographNames(given: readonly (string | undefined)[]): string[] {
  const taken = new Set<string>();
  return given.map((name = '', index) => {
    const plain = name
      .normalize('NFC')
      .replace(/^.*[/\\]/s, '')
      .replace(/[\p{C}\p{Zl}\p{Zp}"*:<>?|]/gu, '_')
      .replace(/^[.\s]+|[.\s]+$/g, '');
    const { stem, suffix } = splitName(plain);
    // By characters, so that none is cut in two.
    const base = [...stem].slice(0, longestName).join('') || `picture-${index + 1}`;
    let unique = base;
    for (let number = 2; taken.has(unique.toLowerCase()); number++) unique = `${base}-${number}`;
    taken.add(unique.toLowerCase());
    return `${unique}${suffix}`;
  });
}
