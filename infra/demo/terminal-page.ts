/** Where a page is written to. */
export interface PageOutput {
  write(text: string): unknown;
}

export interface PageOptions {
  /** Lines are broken before this many characters. */
  readonly columns: number;
  readonly hasColours: boolean;
}

/** Speech stands beside its speaker, facts and notes below their heading. */
const INDENT = 14;
const styles = { bold: 1, dim: 2, green: 32, red: 31, yellow: 33, cyan: 36 } as const;
type Style = keyof typeof styles;

/** A line of speech that is told piece by piece. */
export interface Speech {
  write(piece: string): void;
  end(): void;
}

/** Writes the demo to a terminal: plain text where there are no colours, no line longer than `columns`, nothing is ever rewritten. */
export class TerminalPage {
  readonly #output: PageOutput;
  readonly #options: PageOptions;

  constructor(output: PageOutput, options: PageOptions) {
    this.#output = output;
    this.#options = options;
  }

  heading(text: string): void {
    this.#output.write(`\n${this.#styled('bold', text)}\n`);
  }

  /** What the reader should know, not part of the story. */
  note(text: string): void {
    this.#tell('', text, 'dim');
  }

  fact(name: string, value: string): void {
    this.#tell(name, value);
  }

  /** A promise that was looked at; answers whether it was kept. */
  check(isKept: boolean, text: string): boolean {
    this.#tell(isKept ? 'kept' : 'BROKEN', text, undefined, isKept ? 'green' : 'red');
    return isKept;
  }

  /** A speaker's words as they come: a word is written when its end is known, so that none is broken. */
  speech(speaker: string, style: Style = 'cyan'): Speech {
    const { columns } = this.#options;
    this.#output.write(this.#styled(style, speaker.padEnd(INDENT - 1)));
    let [column, word] = [INDENT - 1, ''];
    const flush = () => {
      if (word === '') return;
      const isFull = column + 1 + word.length > columns && column > INDENT;
      this.#output.write(isFull ? `\n${' '.repeat(INDENT)}${word}` : ` ${word}`);
      column = isFull ? INDENT + word.length : column + 1 + word.length;
      word = '';
    };
    return {
      write: (piece) => {
        for (const letter of piece) {
          if (/\s/u.test(letter)) flush();
          else word += letter;
        }
      },
      end: () => {
        flush();
        this.#output.write('\n');
      },
    };
  }

  #tell(label: string, text: string, style?: Style, labelStyle?: Style): void {
    const lines: string[] = [];
    for (const word of text.split(' ')) {
      const line = lines.at(-1);
      if (line === undefined || INDENT + line.length + 1 + word.length > this.#options.columns) lines.push(word);
      else lines[lines.length - 1] = `${line} ${word}`;
    }
    lines.forEach((line, index) => {
      const shown = (index === 0 ? label : '').padEnd(INDENT);
      this.#output.write(`${this.#styled(labelStyle, shown)}${this.#styled(style, line)}\n`);
    });
  }

  #styled(style: Style | undefined, text: string): string {
    return style === undefined || !this.#options.hasColours ? text : `\x1b[${styles[style]}m${text}\x1b[0m`;
  }
}
