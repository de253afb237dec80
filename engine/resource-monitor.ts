import * as grpc from "@grpc/grpc-js";
import {
  DeploymentInfo,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  RegisterResourceResponse,
  ResourceInvokeRequest,
  ResourceInvokeResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

/** A handler that answers immediately, or with the error that the program then reports. */
export function unary<Request, Response>(
  answer: (request: Request) => Response,
): grpc.handleUnaryCall<Request, Response> {
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
export const resourceMonitor = {
  getDeploymentInfo: method("GetDeploymentInfo", Empty, DeploymentInfo),
  invoke: method("Invoke", ResourceInvokeRequest, ResourceInvokeResponse),
  registerResource: method("RegisterResource", RegisterResourceRequest, RegisterResourceResponse),
  registerResourceOutputs: method("RegisterResourceOutputs", RegisterResourceOutputsRequest, Empty),
  signalAndWaitForShutdown: method("SignalAndWaitForShutdown", Empty, Empty),
} satisfies grpc.ServiceDefinition;
