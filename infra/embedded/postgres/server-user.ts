import type { Stats } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TurnledgerError } from '@turnledger/shared/contracts';

/** The user a server runs under when it is not our own. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Users that exist on most hosts and own nothing of value; none is ever added. */
const CANDIDATES = ['postgres', '_postgres', 'nobody'];

const statFolder = async (path: string): Promise<Stats | undefined> => {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true ? found : undefined;
};

/**
 * Chooses under whom PostgreSQL runs: `undefined` is ourselves. PostgreSQL refuses to run as root, so root takes the owner of an existing cluster,
 * else the first existing one of postgres, _postgres and nobody. Gives `data_folder_unusable` when there is none, or when the
 * cluster belongs to somebody we cannot become.
 */
export async function chooseServerUser(clusterPath: string): Promise<ServerUser | undefined> {
  const ownUid = process.getuid?.();
  if (ownUid === undefined) return undefined;
  const cluster = await statFolder(clusterPath);
  if (ownUid !== 0) {
    if (cluster === undefined || cluster.uid === ownUid) return undefined;
    throw unusable(`${clusterPath} belongs to user ${cluster.uid}, and this is user ${ownUid}`);
  }
  if (cluster !== undefined) {
    if (cluster.uid !== 0) return { uid: cluster.uid, gid: cluster.gid };
    throw unusable(`${clusterPath} belongs to root, whom PostgreSQL refuses; give it (chown -R) to postgres or nobody`);
  }
  const found = pickUser(await readFile('/etc/passwd', 'utf8').catch(() => ''));
  if (found === undefined)
    throw unusable('PostgreSQL refuses to run as root, and this host has no user postgres or nobody');
  return found;
}

/** The first candidate of a passwd file (macOS writes nobody as -2). */
export function pickUser(passwd: string): ServerUser | undefined {
  const users = new Map<string, ServerUser>();
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || !/^-?\d+$/.test(uid ?? '') || !/^-?\d+$/.test(gid ?? '')) continue;
    if (Number(uid) !== 0) users.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  return CANDIDATES.map((name) => users.get(name)).find((user) => user !== undefined);
}

/** Whether a user may pass every folder down to and including `path`, judged by mode bits (access lists are not read). */
export async function mayEnter(path: string, user: ServerUser): Promise<boolean> {
  for (let folder = await realpath(path); ; folder = dirname(folder)) {
    const { uid, gid, mode } = await stat(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}

const unusable = (detail: string): TurnledgerError => new TurnledgerError('data_folder_unusable', { detail });
