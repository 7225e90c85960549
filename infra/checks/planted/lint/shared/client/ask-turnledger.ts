// allowed: the game's client has no dependency, so it uses the global fetch
export const ask = () => fetch('http://127.0.0.1/');
