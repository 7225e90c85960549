import { Gauge, type Registry } from 'prom-client';

/** Adds a figure that is read whenever somebody asks for it. */
export const readGauge = (registry: Registry, name: string, help: string, read: () => number): void =>
  void new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
