import { TurnledgerError } from '@turnledger/shared/contracts';

type Environment = { readonly [name: string]: string | undefined };

/**
 * Puts variables into a text as Compose does: `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}`, `$$` for a dollar sign;
 * a default may hold variables itself. Throws `config_invalid` for a variable that must be set, and for a form that is none of these.
 */
export function interpolate(text: string, env: Environment): string {
  let result = '';
  for (let at = 0; at < text.length; ) {
    if (text[at] !== '$') result += text[at++];
    else if (text[at + 1] === '$') {
      result += '$';
      at += 2;
    } else {
      const end = endOf(text, at);
      result += textOf(text.slice(at + 2, end), env);
      at = end + 1;
    }
  }
  return result;
}

/** Where the brace closes that opens behind `at`. */
function endOf(text: string, at: number): number {
  let depth = 0;
  for (let end = at + 1; end < text.length && text[at + 1] === '{'; end++) {
    if (text[end] === '{') depth++;
    if (text[end] === '}' && --depth === 0) return end;
  }
  throw new TurnledgerError('config_invalid', { detail: `docker-compose.yml: no such form of a variable: ${text}` });
}

function textOf(expression: string, env: Environment): string {
  const [, name = '', operator = '', rest = ''] = /^([A-Za-z_]\w*)(:?[-?])?(.*)$/s.exec(expression) ?? [];
  const given = env[name];
  const isThere = given !== undefined && !(operator.startsWith(':') && given === '');
  if (name === '' || (operator === '' && rest !== ''))
    throw new TurnledgerError('config_invalid', {
      detail: `docker-compose.yml: no such form of a variable: ${expression}`,
    });
  if (isThere) return given;
  if (operator.endsWith('?')) throw new TurnledgerError('config_invalid', { detail: `${name} is not set: ${rest}` });
  return operator.endsWith('-') ? interpolate(rest, env) : '';
}
