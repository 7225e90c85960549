/** A frame as V8's profiler names it. */
export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

/** The part of ours that a file belongs to: a service, infra, or a room of shared/ (an adapter apart); undefined for others' code. */
export function ownModuleOf(url: string): string | undefined {
  if (/\/node_modules\/(?!@turnledger\/)/.test(url)) return undefined;
  const [, room, folder] = /\/(?:shared\/dist\/(adapters\/[^/]+|[^/]+)|([^/]+)\/dist)\//.exec(url) ?? [];
  return room === undefined ? folder : `shared/${room}`;
}

/** Whose code a frame is: ours, a package's, a part of Node, or the machine's own work, `(native)` and the like. */
export function moduleOf({ url, functionName }: CallFrame): string {
  if (url === '') return functionName.startsWith('(') && functionName !== '(anonymous)' ? functionName : '(native)';
  if (url.startsWith('node:')) return url.startsWith('node:internal/') ? url.split('/').slice(0, 2).join('/') : url;
  return ownModuleOf(url) ?? /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? url;
}
