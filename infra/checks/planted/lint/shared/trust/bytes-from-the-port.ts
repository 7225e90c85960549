// allowed: the Ids port's own randomBytes
export const nonce = (ids: { randomBytes(count: number): Buffer }): Buffer => ids.randomBytes(12);
