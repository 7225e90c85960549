// allowed: it reads a text, not the clock
export const retryAt = (header: string): Date => new Date(header);
