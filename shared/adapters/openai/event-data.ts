/**
 * The data of each server-sent event in a text of whole frames, in order (WHATWG HTML, 9.2.6). Names, ids and comments are skipped: chat
 * completions use none. Lines end with LF or CRLF.
 */
export function* eventData(frames: string): Generator<string, void> {
  let data: string | undefined;
  for (let start = 0; start < frames.length; ) {
    const newLine = frames.indexOf('\n', start);
    const end = newLine < 0 ? frames.length : newLine;
    const line = frames.slice(start, frames[end - 1] === '\r' ? end - 1 : end);
    start = end + 1;
    if (line === '') {
      if (data !== undefined) yield data;
      data = undefined;
    } else if (line.startsWith('data:') || line === 'data') {
      const value = line.slice(line[5] === ' ' ? 6 : 5);
      data = data === undefined ? value : `${data}\n${value}`;
    }
  }
}
