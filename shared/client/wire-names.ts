/** Members whose content is the game's own: their names mean something to it alone and stay as they are. */
const opaqueNames = ['metadata', 'data', 'schema', 'move', 'args', 'traits'] as const;
type OpaqueName = (typeof opaqueNames)[number];

type CamelName<Name> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelName<Tail>>}` : Name;

/** A document of the wire under the names that TypeScript has. */
export type CamelCased<Document> = Document extends readonly (infer Item)[]
  ? readonly CamelCased<Item>[]
  : Document extends object
    ? {
        readonly [Name in keyof Document as CamelName<Name>]: Name extends OpaqueName
          ? Document[Name]
          : CamelCased<Document[Name]>;
      }
    : Document;

const isOpaque = (name: string): boolean => (opaqueNames as readonly string[]).includes(name);

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [rename(name), isOpaque(name) ? member : renamed(member, rename)]),
  );
}

const toCamel = (name: string): string =>
  name.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
/** One of our names as the wire has it. */
export const snakeName = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** What came over the wire, in our names. The shape is the service's word: nothing is checked here. */
export const camelCased = <Document>(document: Document): CamelCased<Document> =>
  renamed(document, toCamel) as CamelCased<Document>;

/** What goes over the wire, in its names; members that are undefined vanish in JSON. */
export const snakeCased = <Document>(parameters: CamelCased<Document>): Document =>
  renamed(parameters, snakeName) as Document;
