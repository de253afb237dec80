import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

const awsProvider = "registry.terraform.io/hashicorp/aws";

/**
 * The part about a resource in `terraform providers schema -json`:
 * https://developer.hashicorp.com/terraform/cli/commands/providers/schema
 */
export interface Block {
  readonly attributes?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly block_types?: Readonly<Record<string, { readonly block: Block }>>;
}

export interface TerraformResource {
  readonly type: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface Installation {
  /** A provider mirror: https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror */
  readonly mirror: string;
  readonly providerVersion: string;
}

/**
 * Terraform and the AWS provider on this machine, if both exist.
 *
 * @throws Error when TF_PLUGIN_MIRROR asks for them and one is missing
 */
export function findTerraform(): Installation | undefined {
  const wanted = process.env.TF_PLUGIN_MIRROR;
  const mirrors =
    wanted === undefined
      ? [join(homedir(), ".terraform.d/plugins"), "/opt/tf-plugins", "/usr/local/share/terraform/plugins"]
      : [wanted];
  const isInstalled = spawnSync("terraform", ["version"]).status === 0;
  for (const mirror of isInstalled ? mirrors : []) {
    const folder = join(mirror, awsProvider);
    // Packed as terraform-provider-aws_5.100.0_linux_amd64.zip, or unpacked in a folder 5.100.0.
    const names = existsSync(folder) ? readdirSync(folder).join(" ") : "";
    const [providerVersion] = /\d+\.\d+\.\d+/.exec(names) ?? [];
    if (providerVersion !== undefined) return { mirror, providerVersion };
  }
  if (wanted !== undefined)
    throw new Error(`TF_PLUGIN_MIRROR=${wanted}: no terraform, or no AWS provider in this mirror`);
  return undefined;
}

/** A folder with the AWS provider, to check configurations against its schema. */
export class TerraformWorkspace {
  readonly #folder = mkdtempSync(join(tmpdir(), "terraform-"));

  constructor({ mirror, providerVersion }: Installation) {
    const provider = { source: "hashicorp/aws", version: providerVersion };
    this.#write("terraform.rc", `provider_installation {\n  filesystem_mirror { path = "${mirror}" }\n}\n`);
    this.#write("provider.tf.json", JSON.stringify({ terraform: { required_providers: { aws: provider } } }));
    this.#terraform("init", "-input=false");
  }

  schemas(): Readonly<Record<string, { readonly block: Block }>> {
    const { provider_schemas } = JSON.parse(this.#terraform("providers", "schema", "-json")) as {
      provider_schemas: Record<string, { resource_schemas: Record<string, { block: Block }> }>;
    };
    return provider_schemas[awsProvider]?.resource_schemas ?? {};
  }

  /** @returns what is wrong, each as "type.name: what" */
  validate(resources: readonly TerraformResource[]): string[] {
    // A file for each resource, because a diagnostic names the file.
    for (const { type, name, arguments: args } of resources) {
      this.#write(`${type}.${name}.tf.json`, JSON.stringify({ resource: { [type]: { [name]: args } } }));
    }
    const { diagnostics } = JSON.parse(this.#terraform("validate", "-json")) as {
      diagnostics: { summary: string; detail?: string; range?: { filename: string } }[];
    };
    for (const { type, name } of resources) rmSync(join(this.#folder, `${type}.${name}.tf.json`));
    return diagnostics.map(({ summary, detail = "", range }) => {
      return `${range?.filename.replace(".tf.json", "") ?? ""}: ${summary} ${detail}`.trim();
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.#folder, name), text);
  }

  #terraform(...args: string[]): string {
    const env = { ...process.env, TF_CLI_CONFIG_FILE: join(this.#folder, "terraform.rc"), CHECKPOINT_DISABLE: "1" };
    const options = { cwd: this.#folder, env, encoding: "utf8", maxBuffer: 2 ** 28, stdio: "pipe" } as const;
    try {
      return execFileSync("terraform", args, options);
    } catch (error) {
      // `validate -json` exits with 1 and still answers on standard output.
      const { stdout } = error as { stdout?: string };
      if (args[0] === "validate" && stdout !== undefined && stdout !== "") return stdout;
      throw error;
    }
  }
}
