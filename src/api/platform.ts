import type { EncodeOptions, ImageFormat } from '../images/codec.js';
import type { Image } from '../images/image.js';
import type { DeviceName } from '../runtime/device-names.js';
import type { Runtime } from '../runtime/runtime.js';
import type { LoadedNetwork } from '../weights/models.js';

/**
 * Where a picture comes from: a file's path, its address, its bytes, a `File` or another `Blob`, a picture in memory, pixels such as
 * the `ImageData` of a canvas; in browsers also an `ImageBitmap`. The types of browsers are written out, since Node.js lacks some.
 */
export type PictureSource =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Image
  | { readonly size: number; arrayBuffer(): Promise<ArrayBuffer> }
  | { readonly data: Uint8ClampedArray; readonly width: number; readonly height: number }
  | { readonly width: number; readonly height: number; close(): void };

/** What computes, and where networks come from. */
export interface DeviceOptions {
  /** @defaultValue `auto`: the CPU; in browsers WebGPU where it works */
  readonly device?: DeviceName | undefined;
  /** Threads of the CPU. @defaultValue the number of processors */
  readonly threads?: number | undefined;
  /** Browsers: the address of the folder that onnxruntime-web's WebAssembly files are in. @defaultValue where the bundler has put them */
  readonly wasm?: string | URL | undefined;
  /**
   * A folder that networks are looked up in: one of the disk, before all others; in browsers the address of one that a server has,
   * in place of the package's own.
   */
  readonly models?: string | URL | undefined;
}

/** Where networks come from. */
export type ModelOptions = Pick<DeviceOptions, 'models'>;

/** How a picture is read. */
export interface ReadOptions {
  /** Refuse pictures of more pixels than this. @defaultValue 100 million */
  readonly maxPixels?: number | undefined;
  /** The longest side that is looked at: a larger picture may be read at this size. */
  readonly longSide?: number | undefined;
}

/** What Node.js and browsers each have in their own way. */
export interface Platform {
  /** The program's name and version, for the files that it writes. */
  readonly software: string;
  createRuntime(options: DeviceOptions): Runtime;
  /**
   * Loads a network by its name or its file's path; without either the first that is installed of those that the default
   * settings work with.
   */
  loadNetwork(nameOrPath?: string, options?: ModelOptions): Promise<LoadedNetwork>;
  /** Loads a model that makes pictures by its name, that of one of its styles, or its file's path. */
  loadModel(nameOrPath: string, options?: ModelOptions): Promise<LoadedNetwork>;
  /** Loads a network that repaints after any painting by its name or its file's path. */
  loadAnyStyleModel(nameOrPath: string, options?: ModelOptions): Promise<LoadedNetwork>;
  /** Loads a model that makes pictures larger by its name or its file's path. */
  loadEnlargingModel(nameOrPath: string, options?: ModelOptions): Promise<LoadedNetwork>;
  /** @param name what the picture is called in errors */
  readPicture(source: PictureSource, name: string, options: ReadOptions): Promise<Image>;
  /** The path of a picture that comes with the package. */
  examplePicture(name: string): string;
  readState(source: string | URL): Promise<Uint8Array>;
  encodePicture(image: Image, format: ImageFormat, options?: EncodeOptions): Promise<Uint8Array>;
  writePicture(path: string, image: Image, options?: EncodeOptions): Promise<void>;
  /** Bytes of memory that may still be taken, as far as the platform says. */
  availableMemory(): number;
}
