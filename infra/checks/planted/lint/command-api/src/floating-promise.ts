// caught: lint/nursery/noFloatingPromises
const save = async (): Promise<void> => {};

export function finish(): void {
  save();
}
