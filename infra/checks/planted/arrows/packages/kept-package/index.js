export const name = 'kept-package';
