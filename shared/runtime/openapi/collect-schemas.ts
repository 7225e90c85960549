import { z } from 'zod';

/** A JSON schema as it stands in the description. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Turns zod schemas into JSON schemas of one document: what has a name of its own stands once, under `components`. */
export interface SchemaCollector {
  /** The schema of what may be sent (`io: 'input'`: before defaults and transformations), pointing at the components. */
  schemaOf(schema: z.ZodType): JsonSchema;
  /** What has been pointed at so far, by name. */
  components(): { readonly [name: string]: JsonSchema };
}

const DEFINITIONS = '#/$defs/';
const COMPONENTS = '#/components/schemas/';

/**
 * A collector for one document. A schema with `.meta({ id })` becomes the component of that name; one that zod itself takes out, because it
 * contains itself (any JSON), becomes `Recursive` and a number. The same content has one name, so that the document is the same each time.
 */
export function collectSchemas(): SchemaCollector {
  const components = new Map<string, JsonSchema>();
  const namesByContent = new Map<string, string>();

  const nameOf = (given: string, content: string): string => {
    if (!given.startsWith('__')) return given;
    const known = namesByContent.get(content);
    if (known !== undefined) return known;
    const name = `Recursive${namesByContent.size + 1}`;
    namesByContent.set(content, name);
    return name;
  };

  return {
    schemaOf(schema) {
      const {
        $schema: _dialect,
        $defs = {},
        ...root
      } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
      const names = new Map(
        Object.entries($defs).map(([given, one]) => [
          `${DEFINITIONS}${given}`,
          nameOf(given, JSON.stringify(one).replaceAll(`${DEFINITIONS}${given}"`, '#"')),
        ]),
      );
      const pointed = (one: object): JsonSchema =>
        JSON.parse(JSON.stringify(one), (keyword: string, value: unknown) => {
          const name = keyword === '$ref' && typeof value === 'string' ? names.get(value) : undefined;
          return name === undefined ? value : `${COMPONENTS}${name}`;
        });
      for (const [given, one] of Object.entries($defs))
        components.set(names.get(`${DEFINITIONS}${given}`) ?? given, pointed(one));
      // zod leaves them out where a part is transformed, since it cannot know on which side of that they are; ours are of what is sent.
      const { examples } = schema.meta() ?? {};
      return pointed({ ...root, ...(Array.isArray(examples) && { examples }) });
    },
    components: () => Object.fromEntries([...components].sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}
