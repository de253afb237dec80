/** A JSON object of the configuration, its values unchecked. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads one stack's configuration values, all of them text as Pulumi passes them, and collects what it refuses instead
 * of stopping at the first.
 *
 * A refused value reads as NaN, "" or the first accepted word, so that no comparison adds a second finding for it. The
 * caller throws when there are findings, so such a value is never used.
 */
export class ConfigReader {
  readonly findings: string[] = [];
  readonly #keysRead = new Set<string>();

  /**
   * @param namespace the project's name, which findings put before the key
   * @param values key without namespace → text
   */
  constructor(
    private readonly namespace: string,
    private readonly values: ReadonlyMap<string, string>,
  ) {}

  /** Adds a finding: key, the value received, what is accepted. */
  refuse(key: string, accepted: string): void {
    const value = this.values.get(key);
    const received = value === undefined ? "nothing" : `"${value}"`;
    this.refuseAt(key, received, accepted);
  }

  /** Adds a finding on a part of a key's value, as in "additionalUsers[0].name". */
  refuseAt(path: string, received: string, accepted: string): void {
    this.findings.push(`${this.namespace}:${path}: received ${received}, accepted is ${accepted}`);
  }

  /** Adds a finding on a field of a key's object, as in "existingNetwork" and "vpcId". */
  refuseField(path: string, fields: Fields, field: string, accepted: string): void {
    const received = fields[field] === undefined ? "nothing" : JSON.stringify(fields[field]);
    this.refuseAt(`${path}.${field}`, received, accepted);
  }

  refuseUnknownFields(path: string, fields: Fields, known: readonly string[]): void {
    for (const field of Object.keys(fields)) {
      if (!known.includes(field)) this.refuseField(path, fields, field, `one of the keys ${known.join(", ")}`);
    }
  }

  text(key: string): string {
    this.#keysRead.add(key);
    const value = this.values.get(key);
    if (value === undefined) this.refuse(key, "a value; Pulumi.yaml declares each key with its default");
    return value ?? "";
  }

  /** Text that is empty ("not given") or passes `accepts`. */
  optionalText(key: string, accepts: (value: string) => boolean, accepted: string): string | undefined {
    const value = this.text(key);
    if (value === "") return undefined;
    if (!accepts(value)) this.refuse(key, accepted);
    return value;
  }

  /** An object in JSON, as Pulumi passes structured values. A refused one reads as {}. The value is not shown. */
  object(key: string, accepted: string): Fields {
    const text = this.text(key);
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
    } catch {
      // refused like any other text
    }
    if (this.values.has(key)) this.refuseAt(key, "a value that is not an object", accepted);
    return {};
  }

  oneOf<T extends string>(key: string, words: readonly [T, ...T[]]): T {
    const value = this.text(key);
    const word = words.find((candidate) => candidate === value);
    if (word === undefined && this.values.has(key)) this.refuse(key, words.join(", "));
    return word ?? words[0];
  }

  boolean(key: string): boolean {
    return this.oneOf(key, ["false", "true"]) === "true";
  }

  /** A whole number from `min` to `max`. */
  integer(key: string, min: number, max: number): number {
    return this.#number(key, /^-?\d+$/, (n) => n >= min && n <= max, `a whole number from ${min} to ${max}`);
  }

  /** A number in decimal notation that passes `accepts`. */
  number(key: string, accepts: (value: number) => boolean, accepted: string): number {
    return this.#number(key, /^-?\d+(\.\d+)?$/, accepts, accepted);
  }

  #number(key: string, notation: RegExp, accepts: (value: number) => boolean, accepted: string): number {
    const text = this.text(key);
    const value = notation.test(text) ? Number(text) : NaN;
    if (accepts(value)) return value;
    if (this.values.has(key)) this.refuse(key, accepted);
    return NaN;
  }

  /** Refuses every key that nothing has read: a typo, which Pulumi itself ignores silently. */
  refuseKeysNotRead(): void {
    for (const key of this.values.keys()) {
      if (!this.#keysRead.has(key)) this.refuse(key, `one of the keys ${[...this.#keysRead].sort().join(", ")}`);
    }
  }
}
