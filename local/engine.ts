import * as grpc from "@grpc/grpc-js";
import {
  DeploymentInfo,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  RegisterResourceResponse,
  ResourceInvokeRequest,
  ResourceInvokeResponse,
  ResourceMonitorFeature,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { findUnknowns, stackType, toReadable, type Resource } from "./graph";
import { findMissing } from "./missing-values";
import { Child, invoke, standInFor, type Place, type Properties } from "./stand-ins";
import { specialResourceSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc";

/** What a program registered. */
export interface Graph {
  readonly resources: readonly Resource[];
  /** The stack's outputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** What `pulumi preview` would refuse, or what local/stand-ins.ts lacks to tell. */
  readonly findings: readonly string[];
}

export interface EngineOptions {
  readonly project: string;
  readonly stack: string;
  readonly place: Place;
}

/**
 * The engine's side of a Pulumi program, in memory: it takes every registration and answers with stand-ins for what AWS
 * would say. It compares with no state and calls no provider, so it is no `pulumi preview`.
 */
export class Engine {
  readonly #resources = new Map<string, Resource>();
  readonly #children = new Map<string, Child>();
  #outputs: Record<string, unknown> = {};
  readonly #findings: string[] = [];
  readonly #server = new grpc.Server();

  constructor(private readonly options: EngineOptions) {
    this.#server.addService(service, {
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
        if (isStack) this.#setOutputs(toProperties(request.getOutputs()));
        return new Empty();
      }),
      signalAndWaitForShutdown: unary(() => new Empty()),
    });
  }

  /** @returns the address that the program's --monitor takes */
  async listen(): Promise<string> {
    const port = await new Promise<number>((resolve, reject) => {
      const credentials = grpc.ServerCredentials.createInsecure();
      this.#server.bindAsync("127.0.0.1:0", credentials, (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
    return `127.0.0.1:${port}`;
  }

  close(): void {
    this.#server.forceShutdown();
  }

  graph(): Graph {
    const resources = [...this.#resources.values()].sort((a, b) => (a.urn < b.urn ? -1 : 1));
    return { resources, outputs: this.#outputs, findings: this.#findings };
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

  /** What a resource reference stands for. The SDK asks for it where the module of the resource's type is loaded. */
  #getResource(urn: string): Properties {
    const child = this.#children.get(urn);
    if (child === undefined) throw new Error(`unknown resource ${urn}`);
    return { urn, id: child.id, state: child.state };
  }

  #setOutputs(outputs: Properties): void {
    this.#outputs = toReadable(outputs) as Record<string, unknown>;
    this.#findings.push(...findMissing(stackType, this.#outputs).map((finding) => `output ${finding}`));
  }

  #registerResource(request: RegisterResourceRequest): RegisterResourceResponse {
    const type = request.getType();
    const name = request.getName();
    const urn = this.#urn(type, name, request.getParent());
    if (this.#resources.has(urn)) throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);

    const inputs = toProperties(request.getObject());
    for (const path of findUnknowns(inputs)) {
      this.#findings.push(`${type} ${name}: ${path} comes from an output that local/stand-ins.ts does not give`);
    }
    const readable = toReadable(inputs) as Record<string, unknown>;
    if (request.getCustom() || request.getRemote()) {
      this.#findings.push(...findMissing(type, readable).map((finding) => `${type} ${name}: ${finding}`));
    }
    const protect = request.getProtect() ?? false;
    this.#resources.set(urn, {
      urn,
      type,
      name,
      parent: request.getParent() || undefined,
      custom: request.getCustom(),
      protect,
      inputs: readable,
      dependencies: request.getDependenciesList(),
    });
    const response = new RegisterResourceResponse().setUrn(urn);
    // A component of the program makes its own outputs; a provider's resource gets them from the engine.
    if (!request.getCustom() && !request.getRemote()) return response.setObject(toStruct(inputs));
    const { id, state } = standInFor(type, name, inputs, this.options.place);
    if (request.getCustom()) return response.setId(id).setObject(toStruct(state));
    const register = (child: Child) => this.#registerChild(child, urn, protect);
    return response.setObject(toStruct(replaceChildren(state, register) as Properties));
  }

  /** @returns the reference that the component's output holds */
  #registerChild(child: Child, parent: string, protect: boolean): Properties {
    const { type, name, id } = child;
    const urn = this.#urn(type, name, parent);
    this.#children.set(urn, child);
    this.#resources.set(urn, { urn, type, name, parent, custom: true, protect, inputs: {}, dependencies: [] });
    return { [specialSigKey]: specialResourceSig, urn, id, packageVersion: "" };
  }

  #urn(type: string, name: string, parent: string): string {
    const parentTypes = parent.split("::")[2] ?? stackType;
    const types = parentTypes === stackType ? type : `${parentTypes}$${type}`;
    return `urn:pulumi:${this.options.stack}::${this.options.project}::${types}::${name}`;
  }
}

function replaceChildren(value: unknown, replace: (child: Child) => unknown): unknown {
  if (value instanceof Child) return replace(value);
  if (Array.isArray(value)) return value.map((item) => replaceChildren(item, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceChildren(item, replace)]));
}

function toProperties(struct: { toJavaScript: () => Record<string, unknown> } | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}

function toStruct(properties: Properties): Struct {
  return Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]);
}

/** A handler that answers at once, or with the error that the program then reports. */
function unary<Request, Response>(answer: (request: Request) => Response): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    try {
      callback(null, answer(call.request));
    } catch (error) {
      callback({ code: grpc.status.UNKNOWN, details: (error as Error).message });
    }
  };
}

interface Message {
  serializeBinary(): Uint8Array;
}

function method<Request extends Message, Response extends Message>(
  name: string,
  request: { deserializeBinary(bytes: Uint8Array): Request },
  response: { deserializeBinary(bytes: Uint8Array): Response },
): grpc.MethodDefinition<Request, Response> {
  return {
    path: `/pulumirpc.ResourceMonitor/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (message) => Buffer.from(message.serializeBinary()),
    requestDeserialize: (bytes) => request.deserializeBinary(bytes),
    responseSerialize: (message) => Buffer.from(message.serializeBinary()),
    responseDeserialize: (bytes) => response.deserializeBinary(bytes),
  };
}

/** The part of https://github.com/pulumi/pulumi/blob/master/proto/pulumi/resource.proto that a program without callbacks calls. */
const service = {
  getDeploymentInfo: method("GetDeploymentInfo", Empty, DeploymentInfo),
  invoke: method("Invoke", ResourceInvokeRequest, ResourceInvokeResponse),
  registerResource: method("RegisterResource", RegisterResourceRequest, RegisterResourceResponse),
  registerResourceOutputs: method("RegisterResourceOutputs", RegisterResourceOutputsRequest, Empty),
  signalAndWaitForShutdown: method("SignalAndWaitForShutdown", Empty, Empty),
} satisfies grpc.ServiceDefinition;
