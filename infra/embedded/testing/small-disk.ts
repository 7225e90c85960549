import { execFileSync } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { testFolderPath } from '../postgres/testing/test-folder.ts';

/** A file system of its own that can be filled to the last byte. */
export interface SmallDisk {
  readonly folder: string;
  fill(): Promise<void>;
  /** Gives the space back. */
  empty(): Promise<void>;
  unmount(): void;
}

const MIB = 1024 * 1024;
const KIB = 1024;
const BALLAST = 'ballast';

/** Mounts one of `sizeMib`; undefined where this process may not mount (no root, no CAP_SYS_ADMIN, not Linux). */
export function mountSmallDisk(sizeMib: number): SmallDisk | undefined {
  const folder = testFolderPath();
  try {
    execFileSync('mkdir', ['-m', '0711', folder], { stdio: 'ignore' });
    // The server's user is not root: it must pass, as in any data folder.
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m,mode=0711`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    execFileSync('rm', ['-rf', folder]);
    return undefined;
  }
  const ballast = join(folder, BALLAST);
  return {
    folder,
    fill: async () => {
      const file = await open(ballast, 'a');
      try {
        // The last bytes go in small pieces, until not even a page is left.
        for (const pieceBytes of [MIB, 4 * KIB, 1])
          await writeUntilFull(() => file.write(Buffer.alloc(pieceBytes, 'b')));
      } finally {
        await file.close();
      }
    },
    empty: () => rm(ballast, { force: true }),
    unmount: () => {
      // Lazily: a server that is just ending may still hold a file.
      execFileSync('umount', ['-l', folder]);
    },
  };
}

async function writeUntilFull(write: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await write();
    } catch {
      return;
    }
  }
}
