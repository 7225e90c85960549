import { limits, TurnledgerError } from '../../contracts/index.ts';

/**
 * What tells our streams from others of a shared cluster: every name is stored as `<word>:<name>`. The separator is not part of the word,
 * so no word is the beginning of another one's names: `game` never sees the streams of `game-test`. EventStoreDB takes what stands before
 * the first hyphen as the category, which stays useful (`game:session`).
 */
export class StreamPrefix {
  readonly text: string;

  /** Throws `config_invalid` for a word that is not letters, digits, `_` and `-`, 1 to limits.eventStore.maxPrefixChars of them. */
  constructor(word: string) {
    if (!/^[A-Za-z0-9_-]+$/.test(word) || word.length > limits.eventStore.maxPrefixChars) {
      throw new TurnledgerError('config_invalid', {
        detail: `the stream prefix must be letters, digits, _ and -, at most ${limits.eventStore.maxPrefixChars}, without the ":" that follows it`,
      });
    }
    this.text = `${word}:`;
  }

  put(stream: string): string {
    return `${this.text}${stream}`;
  }

  isOn(storedName: string): boolean {
    return storedName.startsWith(this.text);
  }

  takeOff(storedName: string): string {
    return storedName.slice(this.text.length);
  }
}
