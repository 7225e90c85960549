/** Gives names back as they are until it has seen `maxNames` different ones; every further one is `other`. */
export function boundedLabel(maxNames: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= maxNames) return 'other';
    known.add(name);
    return name;
  };
}
