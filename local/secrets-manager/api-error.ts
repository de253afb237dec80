const exceptionsOfTheApi = new Set([
  ...["DecryptionFailure", "EncryptionFailure", "InternalServiceError", "InvalidNextTokenException"],
  ...["InvalidParameterException", "InvalidRequestException", "LimitExceededException"],
  ...["ResourceExistsException", "ResourceNotFoundException"],
]);

/** An error that the API answers with: HTTP status, `__type` and `message`. */
export class ApiError extends Error {
  constructor(
    /** The exception's name in the API reference, such as "ResourceNotFoundException". */
    readonly type: string,
    message: string,
    readonly statusCode = 400,
  ) {
    super(message);
    this.name = new.target.name;
  }

  /** As it stands on the wire: AWS writes "Message" for the exceptions of the API reference, "message" for all others. */
  get body(): object {
    const key = exceptionsOfTheApi.has(this.type) ? "Message" : "message";
    return { __type: this.type, [key]: this.message };
  }
}

// Each by the name that the API reference gives it; messages are AWS's own where they are known.
export const invalidParameter = (message: string) => new ApiError("InvalidParameterException", message);
export const invalidRequest = (message: string) => new ApiError("InvalidRequestException", message);
export const limitExceeded = (message: string) => new ApiError("LimitExceededException", message);
export const resourceExists = (message: string) => new ApiError("ResourceExistsException", message);
export const resourceNotFound = (message: string) => new ApiError("ResourceNotFoundException", message);
export const validation = (message: string) => new ApiError("ValidationException", message);
export const serialization = (message: string) => new ApiError("SerializationException", message);
