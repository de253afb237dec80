/** A way in which a text may appear in another one. */
interface Form {
  readonly name: "clear" | "base64" | "base64url" | "URL-encoded" | "form-encoded" | "JSON-escaped";
  readonly text: string;
}

/** Every form of a secret that a log is searched for. If two forms are the same text, the first one keeps it. */
export function formsOf(secret: string): readonly Form[] {
  const bytes = Buffer.from(secret);
  const within = [0, 1, 2].map((offset) => base64Within(bytes, offset));
  const forms: Form[] = [
    { name: "clear", text: secret },
    ...within.map((text) => ({ name: "base64", text }) as const),
    ...within.map((text) => ({ name: "base64url", text: text.replaceAll("+", "-").replaceAll("/", "_") }) as const),
    { name: "URL-encoded", text: encodeURIComponent(secret) },
    { name: "form-encoded", text: new URLSearchParams({ "": secret }).toString().slice(1) },
    { name: "JSON-escaped", text: JSON.stringify(secret).slice(1, -1) },
  ];
  return forms.filter(({ text }, index) => forms.findIndex((form) => form.text === text) === index);
}

/**
 * The characters that represent the bytes in the base64 of any longer text, whatever comes before and after them. Three
 * bytes make four characters, so there are three ways, depending on the number of bytes before. Characters that depend
 * on a neighbour are left out.
 */
function base64Within(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString("base64")
    .replaceAll("=", "");
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

/** Where a secret was found, and what it is; never the secret. */
export function findSecrets(
  texts: ReadonlyMap<string, string>,
  secrets: ReadonlyMap<string, string>,
): readonly string[] {
  return [...secrets].flatMap(([secret, what]) =>
    formsOf(secret).flatMap(({ name, text }) =>
      [...texts].filter(([, log]) => log.includes(text)).map(([where]) => `${where} holds ${what}, ${name}`),
    ),
  );
}
