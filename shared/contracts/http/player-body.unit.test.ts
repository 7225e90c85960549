import { describe, expect, it } from '@jest/globals';
import { limits } from '../limits.ts';
import { putPlayerBody, toProfile } from './player-body.ts';

const nothing = { training: false, analytics: false };

describe('the profile of a player', () => {
  it('has our own names for what was sent', () => {
    const body = { display_name: 'Ana', locale: 'pt-PT', traits: { likes: ['ships'] }, consent: { training: true } };
    expect(toProfile(putPlayerBody.parse(body))).toEqual({
      displayName: 'Ana',
      locale: 'pt-PT',
      traits: { likes: ['ships'] },
      consent: { training: true, analytics: false },
    });
  });

  it('without a word of consent agrees to nothing', () => {
    expect(toProfile(putPlayerBody.parse({}))).toEqual({ consent: nothing });
  });

  it('may have traits up to their limit, in bytes of their JSON', () => {
    const traits = (bytes: number) => ({ traits: { a: 'é'.repeat((bytes - 8) / 2) } });
    expect(putPlayerBody.safeParse(traits(limits.player.maxTraitsBytes)).success).toBe(true);
    expect(putPlayerBody.safeParse(traits(limits.player.maxTraitsBytes + 2)).success).toBe(false);
  });

  it.each(['pt', 'pt-PT', 'zh-Hant-TW', 'gsw'])('takes the locale %p', (locale) => {
    expect(putPlayerBody.safeParse({ locale }).success).toBe(true);
  });

  it.each([
    { locale: 'PT' },
    { locale: 'portuguese' },
    { locale: 'pt_PT' },
    { display_name: '' },
    { display_name: 'x'.repeat(limits.player.maxDisplayNameChars + 1) },
    { traits: ['ships'] },
    { consent: { training: 'yes' } },
    { consent: { everything: true } },
    { name: 'Ana' },
  ])('refuses %j', (body) => {
    expect(putPlayerBody.safeParse(body).success).toBe(false);
  });
});
