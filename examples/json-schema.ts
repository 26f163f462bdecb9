/** As much of JSON Schema as the config's schema uses: enough to show that editors will accept a file. */
export interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
}

/** What is wrong with the value, each with its path; empty: nothing. */
export function schemaProblems(schema: JsonSchema, value: unknown, path = '$'): string[] {
  if (schema.anyOf) {
    const branches = schema.anyOf.map((one) => schemaProblems(one, value, path));
    return branches.some((problems) => problems.length === 0) ? [] : branches.flat();
  }
  if (schema.type !== undefined && !isOfType(schema.type, value)) return [`${path} is no ${schema.type}`];
  const problems = scalarProblems(schema, value).map((problem) => `${path} ${problem}`);
  if (Array.isArray(value)) {
    const { items = {} } = schema;
    return [...problems, ...value.flatMap((item, at) => schemaProblems(items, item, `${path}[${at}]`))];
  }
  return typeof value === 'object' && value !== null
    ? [...problems, ...mapProblems(schema, value, path)]
    : problems;
}

function scalarProblems(schema: JsonSchema, value: unknown): string[] {
  const { minimum = -Infinity, maximum = Infinity, pattern = '' } = schema;
  return [
    ...(schema.const === undefined || schema.const === value ? [] : [`is not ${String(schema.const)}`]),
    ...(schema.enum === undefined || schema.enum.includes(value)
      ? []
      : [`is not one of ${schema.enum.join(', ')}`]),
    ...(typeof value === 'number' && (value < minimum || value > maximum) ? ['is out of range'] : []),
    ...(typeof value === 'string' && !new RegExp(pattern, 'u').test(value)
      ? [`does not fit ${pattern}`]
      : []),
  ];
}

function mapProblems(schema: JsonSchema, value: object, path: string): string[] {
  const { properties = {}, additionalProperties = true, required = [] } = schema;
  const missing = required.filter((key) => !(key in value)).map((key) => `${path}.${key} is missing`);
  const wrong = Object.entries(value).flatMap(([key, inner]) => {
    const known = properties[key] ?? additionalProperties;
    if (known === false) return [`${path}.${key} is unknown`];
    return known === true ? [] : schemaProblems(known, inner, `${path}.${key}`);
  });
  return [...missing, ...wrong];
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}
