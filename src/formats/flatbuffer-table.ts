import { ByteBuffer } from 'flatbuffers';

/*
 * FlatBuffers without generated code (https://flatbuffers.dev/internals): a table is a position whose first four bytes lead back to a
 * list of where its fields are. The package reads numbers and checks nothing, so everything that leads somewhere is checked here.
 */

/** Of tables in one list: TFLite's files have hundreds. */
const mostTables = 10_000;

/** Bytes of an offset, of a list's length, and of the two lengths that a list of fields begins with. */
const offsetBytes = 4;
const fieldListHead = 4;

/** Makes the error for a file that breaks the format, from a half sentence such as "a table begins behind its end". */
export type FlatbufferFailure = (problem: string) => Error;

/** A file of which tables are read, and what has been read of it. */
interface Source {
  readonly bytes: Uint8Array;
  readonly numbers: ByteBuffer;
  readonly failure: FlatbufferFailure;
  /** Bytes that may still be read: whoever points to the same list again and again can't fill the memory. */
  allowance: number;
}

/** A table of a FlatBuffers file from a stranger: fields are read by their slots, and nothing outside the file. */
export class FlatbufferTable {
  private readonly fields: number;
  private readonly fieldsEnd: number;
  private readonly end: number;

  private constructor(
    private readonly source: Source,
    private readonly position: number,
  ) {
    const { numbers } = source;
    this.need(position, offsetBytes, 'a table');
    this.fields = position - numbers.readInt32(position);
    this.need(this.fields, fieldListHead, "a table's list of fields");
    this.fieldsEnd = this.fields + numbers.readUint16(this.fields);
    const length = numbers.readUint16(this.fields + 2);
    this.end = position + length;
    this.need(this.fields, Math.max(this.fieldsEnd - this.fields, fieldListHead), "a table's list of fields");
    this.need(position, Math.max(length, offsetBytes), 'a table');
    this.spend(length);
  }

  /**
   * The table that a file begins with.
   * @param identifier the four characters that tell of which schema it is
   * @param failure for everything that is not as it should be, here and in all tables that the root leads to
   * @throws what `failure` makes
   */
  static root(bytes: Uint8Array, identifier: string, failure: FlatbufferFailure): FlatbufferTable {
    const numbers = new ByteBuffer(bytes);
    const found = String.fromCharCode(...bytes.subarray(offsetBytes, 2 * offsetBytes));
    if (found !== identifier) throw failure(`it does not have "${identifier}" as its fifth to eighth byte`);
    const source = { bytes, numbers, failure, allowance: 2 * bytes.length };
    return new FlatbufferTable(source, numbers.readUint32(0));
  }

  /** The numbers of a field, or what the schema has for one that is left out. */
  int8(slot: number, otherwise: number): number {
    const at = this.field(slot, 1);
    return at === undefined ? otherwise : this.source.numbers.readInt8(at);
  }

  int32(slot: number, otherwise: number): number {
    const at = this.field(slot, 4);
    return at === undefined ? otherwise : this.source.numbers.readInt32(at);
  }

  uint32(slot: number, otherwise: number): number {
    const at = this.field(slot, 4);
    return at === undefined ? otherwise : this.source.numbers.readUint32(at);
  }

  /** A text; the empty one where it is left out. */
  text(slot: number): string {
    return new TextDecoder().decode(this.list(slot, 1)?.bytes);
  }

  /** The bytes of a list, a view on those of the file; undefined where it is left out. */
  bytes(slot: number): Uint8Array | undefined {
    return this.list(slot, 1)?.bytes;
  }

  /** Lists of numbers; empty where they are left out. */
  int32s(slot: number): number[] {
    return this.numbers(slot, 4, (at) => this.source.numbers.readInt32(at));
  }

  /** 64-bit integers as numbers: those beyond 2^53 are rounded. */
  int64s(slot: number): number[] {
    const { numbers } = this.source;
    return this.numbers(slot, 8, (at) => numbers.readUint32(at) + 2 ** 32 * numbers.readInt32(at + 4));
  }

  float32s(slot: number): number[] {
    return this.numbers(slot, 4, (at) => this.source.numbers.readFloat32(at));
  }

  /** A table that a field leads to; undefined where it is left out. */
  table(slot: number): FlatbufferTable | undefined {
    const at = this.field(slot, offsetBytes);
    return at === undefined ? undefined : new FlatbufferTable(this.source, this.target(at));
  }

  /** The tables of a list; none where it is left out. */
  tables(slot: number): FlatbufferTable[] {
    const list = this.list(slot, offsetBytes);
    if (list === undefined) return [];
    if (list.length > mostTables) throw this.source.failure(`it lists ${list.length} tables in one place`);
    return Array.from(
      { length: list.length },
      (_, index) => new FlatbufferTable(this.source, this.target(list.start + offsetBytes * index)),
    );
  }

  private numbers(slot: number, size: number, read: (at: number) => number): number[] {
    const list = this.list(slot, size);
    return Array.from({ length: list?.length ?? 0 }, (_, index) => read(list!.start + size * index));
  }

  /** Where a list begins behind its length, and its bytes. */
  private list(slot: number, size: number): { start: number; length: number; bytes: Uint8Array } | undefined {
    const at = this.field(slot, offsetBytes);
    if (at === undefined) return undefined;
    const head = this.target(at);
    this.need(head, offsetBytes, 'a list');
    const length = this.source.numbers.readUint32(head);
    const start = head + offsetBytes;
    this.need(start, length * size, `a list of ${length}`);
    this.spend(length * size);
    return { start, length, bytes: this.source.bytes.subarray(start, start + length * size) };
  }

  /** Where a field is; undefined for one that is left out, or that the file's writer did not know yet. */
  private field(slot: number, size: number): number | undefined {
    const entry = this.fields + fieldListHead + 2 * slot;
    if (entry + 2 > this.fieldsEnd) return undefined;
    const offset = this.source.numbers.readUint16(entry);
    if (offset === 0) return undefined;
    if (this.position + offset + size > this.end) {
      throw this.source.failure(`the field ${slot} of a table at byte ${this.position} is outside of it`);
    }
    return this.position + offset;
  }

  private target(at: number): number {
    return at + this.source.numbers.readUint32(at);
  }

  private need(from: number, count: number, what: string): void {
    const { length } = this.source.bytes;
    if (from < 0 || from + count > length) {
      throw this.source.failure(`${what} at byte ${from} ends behind the file's ${length} bytes`);
    }
  }

  private spend(count: number): void {
    this.source.allowance -= count;
    if (this.source.allowance < 0) throw this.source.failure('it refers to the same bytes again and again');
  }
}
