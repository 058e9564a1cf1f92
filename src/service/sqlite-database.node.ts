import { argumentError } from '../errors.js';

/** A value of a column. */
export type SqlValue = string | number | null;

/** A row by the names of its columns. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** The part of SQLite's interface that Node.js and the package have alike. */
interface Connection {
  exec(sql: string): void;
  close(): void;
  prepare(sql: string): {
    run(...values: SqlValue[]): { readonly changes: number | bigint };
    all(...values: SqlValue[]): unknown[];
  };
}
interface SqliteModule {
  readonly DatabaseSync: new (path: string) => Connection;
}

/** Node's own SQLite where it has one that needs no flag; the package, which brings its binary along, before that. */
async function loadSqlite(): Promise<SqliteModule> {
  const find = (process as { getBuiltinModule?: (name: string) => unknown }).getBuiltinModule;
  const { emitWarning } = process;
  // Some versions call it experimental on stderr, where only what concerns the user belongs.
  process.emitWarning = () => undefined;
  try {
    const builtIn = find?.('node:sqlite') as SqliteModule | undefined;
    if (builtIn !== undefined) return builtIn;
  } finally {
    process.emitWarning = emitWarning;
  }
  return (await import('@photostructure/sqlite')) as unknown as SqliteModule;
}

/**
 * A database file that this process has for itself as long as it is open, and that survives its end at any moment: what was
 * written is on the disk when a statement returns.
 */
export class SqliteDatabase {
  private readonly statements = new Map<string, ReturnType<Connection['prepare']>>();

  private constructor(private readonly connection: Connection) {}

  /**
   * @param schema statements that make what isn't there yet
   * @throws StyleError `E_ARGUMENT` when another process has it
   */
  static async open(path: string, schema: string): Promise<SqliteDatabase> {
    const { DatabaseSync } = await loadSqlite();
    const connection = new DatabaseSync(path);
    try {
      // The lock goes with the process, however it ends.
      connection.exec('PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;');
      connection.exec(`BEGIN IMMEDIATE; ${schema}; COMMIT;`);
    } catch (cause) {
      connection.close();
      if (!(cause instanceof Error) || !/locked|busy/i.test(cause.message)) throw cause;
      throw argumentError(
        'data',
        `The data folder with "${path}" is another server's, which is running.`,
        'Stop that server, or name another folder.',
      );
    }
    return new SqliteDatabase(connection);
  }

  /** @returns how many rows were changed */
  run(sql: string, ...values: SqlValue[]): number {
    return Number(this.prepared(sql).run(...values).changes);
  }

  /** The first row that a statement gives. */
  get(sql: string, ...values: SqlValue[]): SqlRow | undefined {
    // All rows are asked for: a statement that writes and gives rows is done only after its last one.
    return this.all(sql, ...values)[0];
  }

  all(sql: string, ...values: SqlValue[]): SqlRow[] {
    return this.prepared(sql).all(...values) as SqlRow[];
  }

  /** Does several statements, or none of them. */
  transaction<Result>(work: () => Result): Result {
    this.connection.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.connection.exec('COMMIT');
      return result;
    } catch (error) {
      this.connection.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.statements.clear();
    // The package keeps the file open until its statements are collected as garbage; nobody is to wait for the lock until then.
    this.connection.exec(
      'PRAGMA journal_mode=DELETE; PRAGMA locking_mode=NORMAL; SELECT 1 FROM sqlite_master',
    );
    this.connection.close();
  }

  private prepared(sql: string): ReturnType<Connection['prepare']> {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.connection.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}
