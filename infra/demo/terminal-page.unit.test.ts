import { describe, expect, test } from '@jest/globals';
import { TerminalPage } from './terminal-page.ts';

function page(columns: number, hasColours = false) {
  const written: string[] = [];
  const on = new TerminalPage({ write: (text) => written.push(text) }, { columns, hasColours });
  return { on, text: () => written.join('') };
}

describe('speech', () => {
  test('stands beside its speaker and breaks between words, however it comes in pieces', () => {
    const { on, text } = page(30);
    const speech = on.speech('Marta');
    for (const piece of ['At m', 'y de', 'sk, with', ' the lamp', ' lit.']) speech.write(piece);
    speech.end();
    expect(text()).toBe('Marta         At my desk, with\n              the lamp lit.\n');
  });

  test('shows a word once it is whole', () => {
    const { on, text } = page(80);
    const speech = on.speech('Marta');
    speech.write('At my de');
    expect(text()).toBe('Marta         At my');
    speech.write('sk');
    speech.end();
    expect(text()).toBe('Marta         At my desk\n');
  });

  test('lets a word stand that is longer than a line', () => {
    const { on, text } = page(20);
    const speech = on.speech('Marta');
    speech.write('incomprehensibilities. Yes.');
    speech.end();
    expect(text()).toBe('Marta         incomprehensibilities.\n              Yes.\n');
  });
});

describe('a page', () => {
  test('breaks facts and notes below their beginning', () => {
    const { on, text } = page(24);
    on.fact('turn 1', 'one two three four');
    on.note('five six seven');
    expect(text()).toBe(
      'turn 1        one two\n              three four\n              five six\n              seven\n',
    );
  });

  test('says of a promise whether it was kept, and answers so', () => {
    const { on, text } = page(80);
    expect([on.check(true, 'Good.'), on.check(false, 'Bad.')]).toEqual([true, false]);
    expect(text()).toBe('kept          Good.\nBROKEN        Bad.\n');
  });

  test('has colours only when it is told so', () => {
    const plain = page(80);
    plain.on.heading('One');
    const coloured = page(80, true);
    coloured.on.heading('One');
    expect([plain.text(), coloured.text()]).toEqual(['\nOne\n', '\n\x1b[1mOne\x1b[0m\n']);
  });
});
