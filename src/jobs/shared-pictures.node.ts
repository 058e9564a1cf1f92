import type { AnyMethod, PictureOrWord, PictureSet } from '../methods/method.js';
import type { FilesRequest } from './files-request.js';
import { readShared } from './picture-files.node.js';

/**
 * The pictures that one request after the other has beside its subject, such as the painting of a folder of photographs. A session
 * keeps what was computed of a picture as long as its pixels are there, so that a painting is measured once for all of them.
 * Those of the last request are kept, and no others: files that change between two requests are not read anew.
 */
export class SharedPictures {
  private key: string | undefined;
  private pictures: Promise<PictureSet> | undefined;
  private subject: { readonly path: string; readonly picture: Promise<PictureOrWord> } | undefined;

  /** @throws StyleError as reading a picture does */
  read(method: AnyMethod, settings: object, request: FilesRequest): Promise<PictureSet> {
    const { [method.roles[0]!.name]: subject, ...others } = request.pictures;
    void subject;
    // How large a picture is read depends on the settings.
    const key = JSON.stringify([method.name, settings, request.maxPixels, others]);
    if (this.pictures !== undefined && this.key === key) return this.pictures;
    const reading = readShared(method, settings, request);
    [this.key, this.pictures] = [key, reading];
    reading.catch(() => {
      if (this.pictures === reading) this.forget();
    });
    return reading;
  }

  /** The subject, where several parts are done of one. @throws as `read` does */
  readSubject(path: string, read: () => Promise<PictureOrWord>): Promise<PictureOrWord> {
    if (this.subject?.path === path) return this.subject.picture;
    const subject = { path, picture: read() };
    this.subject = subject;
    subject.picture.catch(() => {
      if (this.subject === subject) this.subject = undefined;
    });
    return subject.picture;
  }

  /** Lets the subject go, which may be large. */
  forgetSubject(): void {
    this.subject = undefined;
  }

  /** Lets the pictures go, and with them what was computed of them. */
  forget(): void {
    this.key = undefined;
    this.pictures = undefined;
    this.forgetSubject();
  }
}
