import * as grpc from "@grpc/grpc-js";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
  DeploymentInfo,
  RegisterResourceResponse,
  ResourceInvokeResponse,
  ResourceMonitorFeature,
  type RegisterResourceOutputsRequest,
  type RegisterResourceRequest,
  type ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { specialResourceSig, specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { promisify } from "node:util";
import { awsxComponents, Child, OutputOf } from "./awsx-stand-ins";
import { stackType, toReadable, type Resource } from "./graph";
import { invoke, standInFor, type Place, type Properties } from "./stand-ins";

/** What a program registered. */
export interface Graph {
  /** Sorted by URN. */
  readonly resources: readonly Resource[];
  /** The stack's outputs. */
  readonly outputs: Properties;
}

type Kept = Pick<Resource, "protect" | "retainOnDelete">;

/** Before the first deployment, when nothing that AWS decides is known, or during it. */
export type Mode = "preview" | "up";

export interface EngineOptions {
  readonly project: string;
  readonly stack: string;
  readonly place: Place;
  readonly mode: Mode;
}

/**
 * The engine's side of a Pulumi program, in memory: it accepts every registration and answers with stand-ins for what
 * AWS would say. It compares with no state and calls no provider, so it is not a `pulumi preview`.
 */
export class Engine {
  readonly #resources = new Map<string, Resource>();
  /** URN → what a reference to it stands for. */
  readonly #children = new Map<string, { readonly id: string; readonly state: Properties }>();
  #outputs: Properties = {};
  readonly #server = new grpc.Server();

  constructor(private readonly options: EngineOptions) {
    this.#server.addService(ResourceMonitorService, {
      getDeploymentInfo: unary(() =>
        new DeploymentInfo().setSupportedfeaturesList([
          ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_SECRETS,
          ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
        ]),
      ),
      invoke: unary((request: ResourceInvokeRequest) => this.#invoke(request)),
      registerResource: unary((request: RegisterResourceRequest) => this.#registerResource(request)),
      registerResourceOutputs: unary((request: RegisterResourceOutputsRequest) => {
        const isStack = this.#resources.get(request.getUrn())?.type === stackType;
        if (isStack) this.#outputs = toReadable(toProperties(request.getOutputs())) as Properties;
        return new Empty();
      }),
      signalAndWaitForShutdown: unary(() => new Empty()),
    });
  }

  /** @returns the address that the program's --monitor takes */
  async listen(): Promise<string> {
    const bind = promisify(this.#server.bindAsync.bind(this.#server));
    return `127.0.0.1:${await bind("127.0.0.1:0", grpc.ServerCredentials.createInsecure())}`;
  }

  close(): void {
    this.#server.forceShutdown();
  }

  graph(): Graph {
    const resources = [...this.#resources.values()].sort((a, b) => (a.urn < b.urn ? -1 : 1));
    return { resources, outputs: this.#outputs };
  }

  #invoke(request: ResourceInvokeRequest): ResourceInvokeResponse {
    const token = request.getTok();
    const args = toProperties(request.getArgs());
    const answer =
      token === "pulumi:pulumi:getResource"
        ? this.#getResource(String(args.urn))
        : invoke(token, args, this.options.place);
    return new ResourceInvokeResponse().setReturn(toStruct(answer));
  }

  /** What a resource reference stands for. The SDK asks for it if the module of the resource's type is loaded. */
  #getResource(urn: string): Properties {
    const child = this.#children.get(urn);
    if (child === undefined) throw new Error(`unknown resource ${urn}`);
    return { urn, ...child };
  }

  #registerResource(request: RegisterResourceRequest): RegisterResourceResponse {
    const type = request.getType();
    const name = request.getName();
    const inputs = toProperties(request.getObject());
    const urn = this.#add({
      type,
      name,
      parent: request.getParent() || undefined,
      custom: request.getCustom(),
      ...keptBy(request),
      inputs: toReadable(inputs) as Properties,
      dependencies: request.getDependenciesList(),
    });
    const response = new RegisterResourceResponse().setUrn(urn);
    if (request.getRemote()) return this.#construct(request, inputs, response);
    // A component of the program sets its own outputs; a provider's resource gets them from the engine.
    if (!request.getCustom()) return response.setObject(toStruct(inputs));
    const { id, state } = this.#create(type, name, inputs);
    return response.setId(id).setObject(toStruct(markSecrets(state, request.getAdditionalsecretoutputsList())));
  }

  /** An id that is not known yet is empty, as in the engine's answers. */
  #create(type: string, name: string, inputs: Properties): { id: string; state: Properties } {
    const { id, known, outputs } = standInFor(type, name, inputs, this.options.place);
    if (this.options.mode === "preview") return { id: "", state: { ...inputs, ...known } };
    return { id, state: { ...inputs, ...outputs } };
  }

  /** Registers what an awsx component creates, and answers with its outputs and what each of them depends on. */
  #construct(request: RegisterResourceRequest, inputs: Properties, response: RegisterResourceResponse) {
    const type = request.getType();
    const component = awsxComponents[type];
    if (component === undefined) throw new Error(`engine/awsx-stand-ins.ts has no entry for ${type}`);
    const { accountId, region } = this.options.place;
    const registry = `${accountId}.dkr.ecr.${region}.amazonaws.com`;
    const { outputs, children } = component(request.getName(), inputs, registry);
    const urns = new Map<Child, string>();
    for (const child of children) this.#registerChild(child, response.getUrn(), keptBy(request), urns);
    const answers = Object.entries(outputs).map(([key, output]): [string, unknown] => {
      const used: string[] = [];
      const answer = replaceChildren(output, (one) => {
        const urn = urns.get(one instanceof OutputOf ? one.child : one) ?? "";
        used.push(urn);
        return this.#outputOf(one, urn);
      });
      const dependencies = new RegisterResourceResponse.PropertyDependencies().setUrnsList(used);
      response.getPropertydependenciesMap().set(key, dependencies);
      return [key, answer];
    });
    return response.setObject(toStruct(Object.fromEntries(answers)));
  }

  #outputOf(output: Child | OutputOf, urn: string): unknown {
    const id = this.options.mode === "preview" ? unknownValue : this.#children.get(urn)?.id;
    if (output instanceof Child) return { [specialSigKey]: specialResourceSig, urn, id, packageVersion: "" };
    return this.options.mode === "preview" ? unknownValue : (output.value ?? id);
  }

  /** @param kept what the engine passes from a component to everything below it */
  #registerChild(child: Child, parent: string, kept: Kept, urns: Map<Child, string>): void {
    const { type, name, custom } = child;
    const dependencies = child.dependencies.map((one) => urns.get(one) ?? "");
    const urn = this.#add({ type, name, parent, custom, ...kept, inputs: {}, dependencies });
    urns.set(child, urn);
    if (custom) this.#children.set(urn, this.#create(type, name, {}));
    for (const grandchild of child.children) this.#registerChild(grandchild, urn, kept, urns);
  }

  #add(resource: Omit<Resource, "urn">): string {
    const { type, name, parent = "" } = resource;
    const urn = this.#urn(type, name, parent);
    if (this.#resources.has(urn)) throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    this.#resources.set(urn, { urn, ...resource });
    return urn;
  }

  #urn(type: string, name: string, parent: string): string {
    const parentTypes = parent.split("::")[2] ?? stackType;
    const types = parentTypes === stackType ? type : `${parentTypes}$${type}`;
    return `urn:pulumi:${this.options.stack}::${this.options.project}::${types}::${name}`;
  }
}

/** A handler that answers immediately, or with the error that the program then reports. */
function unary<Request, Response>(answer: (request: Request) => Response): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    try {
      callback(null, answer(call.request));
    } catch (error) {
      callback({ code: grpc.status.UNKNOWN, details: (error as Error).message });
    }
  };
}

function keptBy(request: RegisterResourceRequest): Kept {
  return { protect: request.getProtect() ?? false, retainOnDelete: request.getRetainondelete() ?? false };
}

function replaceChildren(value: unknown, replace: (output: Child | OutputOf) => unknown): unknown {
  if (value instanceof Child || value instanceof OutputOf) return replace(value);
  if (Array.isArray(value)) return value.map((item) => replaceChildren(item, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceChildren(item, replace)]));
}

/** Marks the outputs that the SDK names as secret; those that come from a secret input are marked already. */
function markSecrets(state: Properties, names: readonly string[]): Properties {
  const isMarked = (value: unknown): boolean => (value as Properties | null)?.[specialSigKey] === specialSecretSig;
  const marked = names.filter((name) => name in state && !isMarked(state[name]));
  const secret = (value: unknown) => ({ [specialSigKey]: specialSecretSig, value });
  return { ...state, ...Object.fromEntries(marked.map((name) => [name, secret(state[name])])) };
}

function toProperties(struct: { toJavaScript: () => Record<string, unknown> } | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}

function toStruct(properties: Properties): Struct {
  return Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]);
}
