/** A model with its name, in one of the places where models are. */
export interface InstalledModel {
  readonly name: string;
  /** A file's path, or an address. */
  readonly path: string;
}

/** Where models are read from: folders, or addresses. */
export interface ModelLibrary {
  /** The models that make pictures, by the names of their files, each name once. */
  models(): Promise<readonly InstalledModel[]>;
  /** The bytes of a file. */
  read(path: string): Promise<Uint8Array>;
}

/** The suffix of the files of models that make pictures. */
export const modelSuffix = '.onnx';

/** Whether a text has a slash or a suffix, and so is a path; anything else is a name. */
export const isPath = (nameOrPath: string): boolean => /[\\/]|\.[a-z0-9]+$/i.test(nameOrPath);

/** The last part of a path or an address, without a suffix where it ends in that. */
export function baseName(path: string, suffix = ''): string {
  const name = /([^\\/]*)[\\/]*$/.exec(path.replace(/[?#].*$/, ''))![1]!;
  return suffix !== '' && name.endsWith(suffix) && name !== suffix ? name.slice(0, -suffix.length) : name;
}
