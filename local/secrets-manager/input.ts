import { invalidParameter, serialization } from "./api-error";

/** One request's parameters, read by name and checked for type. Absent and null are the same, as in AWS. */
export class Input {
  readonly #json: Readonly<Record<string, unknown>>;

  /** @throws ApiError SerializationException when the body is not a JSON object */
  constructor(json: unknown) {
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      throw serialization("The request body must be a JSON object.");
    }
    this.#json = json as Record<string, unknown>;
  }

  string(name: string): string {
    const value = this.optionalString(name);
    if (value === undefined || value === "") throw invalidParameter(`You must provide a value for ${name}.`);
    return value;
  }

  optionalString(name: string): string | undefined {
    return this.#read(name, "a string", (value) => typeof value === "string");
  }

  optionalInteger(name: string): number | undefined {
    return this.#read(name, "a whole number", (value): value is number => Number.isInteger(value));
  }

  optionalBoolean(name: string): boolean | undefined {
    return this.#read(name, "a boolean", (value) => typeof value === "boolean");
  }

  optionalStrings(name: string): readonly string[] | undefined {
    return this.#read(
      name,
      "a list of strings",
      (value): value is string[] => Array.isArray(value) && value.every((item) => typeof item === "string"),
    );
  }

  optionalObject(name: string): Input | undefined {
    const value = this.#json[name];
    return value === undefined || value === null ? undefined : new Input(value);
  }

  #read<T>(name: string, accepted: string, isAccepted: (value: unknown) => value is T): T | undefined {
    const value = this.#json[name];
    if (value === undefined || value === null) return undefined;
    if (!isAccepted(value)) throw serialization(`${name} must be ${accepted}.`);
    return value;
  }
}
