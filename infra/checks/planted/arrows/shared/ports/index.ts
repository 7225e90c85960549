// allowed: the door of ports
export const room = 'ports';
export type Shape = string;
