/** Writes files one after the other beside the computation. One that fails is reported, and the next are tried all the same. */
export class WriteQueue {
  private writes: Promise<void> = Promise.resolve();

  /** @param onFailure told of a write that failed, with the reason as a sentence */
  constructor(private readonly onFailure: (reason: string) => void) {}

  add(write: () => Promise<void>): void {
    this.writes = this.writes.then(write).catch((error: unknown) => this.onFailure(messageOf(error)));
  }

  /** Waits for everything to be written. */
  settled(): Promise<void> {
    return this.writes;
  }
}

/** What an error says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
