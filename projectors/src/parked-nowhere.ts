import type { ParkedEvents } from '@turnledger/shared/ports';

/** For a process whose log says enough: events that a loop leaves out are reported there, and kept nowhere else. */
export const parkedNowhere: ParkedEvents = { park: async () => {} };
