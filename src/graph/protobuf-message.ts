import protobuf from 'protobufjs/minimal.js';

/** A field of a message: its number, its type, and whether there are several. */
export type Field = readonly [id: number, type: string, rule?: 'repeated'];

/** Messages by name, each with its fields by theirs. */
export type Messages = Readonly<Record<string, Readonly<Record<string, Field>>>>;

type Message = Record<string, unknown>;
type Scalar = 'int64' | 'int32' | 'float' | 'string' | 'bytes';

/** How each type is marked in the bytes. */
const wireTypes: Readonly<Record<Scalar, number>> = { int64: 0, int32: 0, float: 5, string: 2, bytes: 2 };
const delimited = 2;

/** Where a message keeps the bytes of fields that the schema doesn't name. */
const unknownFields = Symbol('unknown fields');

const isScalar = (type: string): type is Scalar => type in wireTypes;

/** Whether several may stand in one field without their marks. */
const isPackable = (type: string): type is Scalar => isScalar(type) && wireTypes[type] !== delimited;

/**
 * Messages of protocol buffers, read and written by a table of their fields. The package's own reflection makes functions of
 * texts, which a page's content security policy forbids; its reader and writer don't.
 */
export class MessageCodec {
  /** The fields of each message by their numbers, in that order. */
  private readonly fields: ReadonlyMap<string, ReadonlyMap<number, readonly [string, Field]>>;

  constructor(messages: Messages) {
    this.fields = new Map(
      Object.entries(messages).map(([name, fields]) => {
        const sorted = Object.entries(fields).sort(([, [one]], [, [other]]) => one - other);
        return [name, new Map(sorted.map((entry) => [entry[1][0], entry]))];
      }),
    );
  }

  /**
   * Reads a message; fields that the schema doesn't name are kept for {@link encode}.
   * @throws Error when the bytes are no such message, or are cut off
   */
  decode(name: string, bytes: Uint8Array): object {
    return this.read(name, protobuf.Reader.create(bytes), bytes.length);
  }

  /** Writes a message, its fields in the order of the schema. */
  encode(name: string, message: object): Uint8Array {
    const writer = writerOf(bytesIn(message));
    this.write(name, message as Message, writer);
    return writer.finish();
  }

  private read(name: string, reader: protobuf.Reader, end: number): Message {
    const fields = this.fields.get(name)!;
    const message: Message & { [unknownFields]?: Uint8Array[] } = {};
    while (reader.pos < end) {
      const begin = reader.pos;
      const mark = reader.uint32();
      const wireType = mark & 7;
      const [key, [, type, rule]] = fields.get(mark >>> 3) ?? ['', [0, '']];
      if (type === '' || !fits(type, wireType, rule)) {
        reader.skipType(wireType);
        (message[unknownFields] ??= []).push(reader.buf.slice(begin, reader.pos));
      } else if (rule === undefined) message[key] = this.value(type, reader);
      else {
        const values = (message[key] ??= []) as unknown[];
        if (wireType !== delimited || !isPackable(type)) values.push(this.value(type, reader));
        else for (const last = reader.uint32() + reader.pos; reader.pos < last;) values.push(reader[type]());
      }
    }
    if (reader.pos !== end)
      throw new RangeError(`A message of ${name} ends at ${end}, not at ${reader.pos}.`);
    return message;
  }

  private value(type: string, reader: protobuf.Reader): unknown {
    if (isScalar(type)) return reader[type]();
    const length = reader.uint32();
    if (reader.pos + length > reader.len) throw new RangeError(`A message of ${type} is cut off.`);
    return this.read(type, reader, reader.pos + length);
  }

  private write(
    name: string,
    message: Message & { [unknownFields]?: Uint8Array[] },
    writer: protobuf.Writer,
  ): void {
    for (const [key, [id, type, rule]] of this.fields.get(name)!.values()) {
      const value = message[key];
      if (value === undefined || value === null) continue;
      if (rule === undefined) this.writeValue(id, type, value, writer);
      else if (isPackable(type)) {
        const values = value as number[];
        if (values.length === 0) continue;
        writer.uint32((id << 3) | delimited).fork();
        for (const one of values) writer[type](one as never);
        writer.ldelim();
      } else for (const one of value as unknown[]) this.writeValue(id, type, one, writer);
    }
    for (const bytes of message[unknownFields] ?? []) writer.raw(bytes);
  }

  private writeValue(id: number, type: string, value: unknown, writer: protobuf.Writer): void {
    if (isScalar(type)) {
      writer.uint32((id << 3) | wireTypes[type]);
      writer[type](value as never);
      return;
    }
    writer.uint32((id << 3) | delimited).fork();
    this.write(type, value as Message, writer);
    writer.ldelim();
  }
}

/** Beside the bytes in a message. */
const otherBytes = 1 << 16;

/** A writer with room for so many bytes. One that grows copies what it has again and again, which takes long where that is a network. */
function writerOf(bytes: number): protobuf.Writer {
  const { initialBufferSize } = protobuf.Writer;
  protobuf.Writer.initialBufferSize = bytes + otherBytes;
  try {
    return protobuf.Writer.create();
  } finally {
    protobuf.Writer.initialBufferSize = initialBufferSize;
  }
}

/** How many bytes of the fields of bytes there are in a message. */
function bytesIn(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, one) => sum + bytesIn(one), 0);
}

/** Whether bytes with this mark can be a field's: of several numbers both forms are read. */
function fits(type: string, wireType: number, rule: Field[2]): boolean {
  const own = isScalar(type) ? wireTypes[type] : delimited;
  return wireType === own || (rule === 'repeated' && isPackable(type) && wireType === delimited);
}
