import type { Intent } from './read-scene.ts';

/**
 * What a stand-in can say in any world: nothing about places, things or deeds that a game would have to make true. `{name}` is the character,
 * `{quote}` the player's words; a line that needs one of them is left out when it is missing.
 */
export const replyLines: { readonly [intent in Intent]: readonly string[] } = {
  nature: [
    'Since you ask straight out: I am a scripted stand-in. No language model speaks through me, only prepared lines and your own words.',
    'A fair question. I am a scripted stand-in: my lines were written beforehand, and no language model is at work here.',
  ],
  event: [
    'So it has come to that: “{quote}”. I wondered when it would.',
    '“{quote}”. I noticed it too. What do you make of it?',
    '{name} looks up. “{quote}”, then. That changes things between us, a little.',
    'Then it has begun, whatever it is. Stay a while and watch.',
  ],
  silence: [
    'You say nothing. I can wait; silence tells its own story.',
    'Not a word? Then I will keep my own counsel as well.',
  ],
  farewell: [
    'Go safely, then. We can pick this up when you return.',
    'Until we meet again. I will remember what was said between us.',
    '{name} bids you farewell. Mind your step out there.',
  ],
  thanks: [
    'You are welcome. Remember it when I need something from you.',
    'No need for thanks, though I will not turn them away.',
    'Think nothing of it. {name} keeps no tally among friends.',
  ],
  accusation: [
    '“{quote}”? Those are heavy words. Bring me proof, and we will talk again.',
    'Careful. Saying “{quote}” to my face takes nerve, and nerve is not evidence.',
    'You accuse {name}? Look at me and say it once more, slowly.',
    'I hear the charge. I deny it, and I wonder who put it into your head.',
  ],
  question: [
    '“{quote}”, you ask. I could answer, but first tell me why it matters to you.',
    'That depends on who wants to know. What would you do with the answer to “{quote}”?',
    'I have asked myself the same. There is more to “{quote}” than one answer can hold.',
    'Ask {name} something easier, or ask it again when fewer ears are near.',
    'A good question, and not one that I will answer lightly.',
  ],
  greeting: [
    'Well met. I am {name}. What brings you to me?',
    'And a greeting to you. You have the look of somebody with something on their mind.',
    'Come closer, then. It is {name} you are speaking to, and I am listening.',
  ],
  remark: [
    '“{quote}”. I will remember that you said so.',
    'So that is how you see it: “{quote}”. Others might disagree.',
    'Hm. “{quote}”, you say. Go on, I am listening.',
    '{name} nods slowly. “{quote}”, then. And what follows from it?',
    'I take your meaning. Say more, and I will tell you what I make of it.',
  ],
};

/** How long we have been talking, said after the reply on the turns that begin a row: from the 2nd, the 5th, the 10th. */
export const turnLines: readonly { readonly fromTurn: number; readonly lines: readonly string[] }[] = [
  {
    fromTurn: 10,
    lines: [
      'We have talked a long while now, you and I.',
      'After {turn} exchanges I begin to know your way of speaking.',
    ],
  },
  {
    fromTurn: 5,
    lines: ['You come back to me often; this is the {turn}th time.', 'We are well past pleasantries by now.'],
  },
  {
    fromTurn: 2,
    lines: ['I have not forgotten what you said before.', 'That fits with what you told me earlier, or nearly so.'],
  },
  {
    fromTurn: 1,
    lines: ['But we have only just begun to talk.', 'We have not spoken before, so I choose my words with care.'],
  },
];
