/**
 * Everything that the function refuses or fails on. Lambda reports `name` as errorType and `message` as errorMessage,
 * so each failure has its own class and each message says what to do. No message ever holds a credential, SQL, or the
 * text of a driver's error, which may quote either.
 */
export abstract class RotationError extends Error {
  constructor(
    /** The field, label, setting or dependency that is wrong. */
    readonly field: string,
    /** What was found there; never a credential. */
    readonly received: string,
    /** What would have been right, or what to do. */
    readonly accepted: string,
  ) {
    super(`${field}: received ${received}; accepted is ${accepted}`);
    this.name = new.target.name;
  }
}

/** The invocation itself. */
export class InvalidEventError extends RotationError {}
export class UnknownStepError extends RotationError {}
export class UnexpectedSecretError extends RotationError {}

/** The function's settings. */
export class MissingSettingError extends RotationError {}
export class InvalidSettingError extends RotationError {}
export class ImpossiblePasswordSettingsError extends RotationError {}

/** The state of the rotation. */
export class RotationDisabledError extends RotationError {}
export class VersionNotFoundError extends RotationError {}
export class VersionNotPendingError extends RotationError {}
export class RotationUnderWayError extends RotationError {}
export class NoCurrentVersionError extends RotationError {}

/** The secret's value. */
export class SecretDeletedError extends RotationError {}
export class SecretNotFoundError extends RotationError {}
export class BinarySecretError extends RotationError {}
export class CredentialMismatchError extends RotationError {}
export class PendingValueMissingError extends RotationError {}
export class RoleNameTooLongError extends RotationError {}
export class UnhashablePasswordError extends RotationError {}

/** Secrets Manager did not give what was asked for. */
export class SecretAccessDeniedError extends RotationError {}
export class SecretsManagerRefusedError extends RotationError {}
export class SecretsManagerUnavailableError extends RotationError {}
export class SuperuserSecretMissingError extends RotationError {}
export class SuperuserSecretUnreadableError extends RotationError {}

/** The database. */
export class LoginRefusedError extends RotationError {}
export class LoginNotPermittedError extends RotationError {}
export class SuperuserLoginRefusedError extends RotationError {}
export class DatabaseUnavailableError extends RotationError {}
export class DatabaseNotFoundError extends RotationError {}
export class DatabaseTlsError extends RotationError {}
export class ReadOnlyDatabaseError extends RotationError {}
export class MissingPrivilegeError extends RotationError {}
export class NotOwnerMemberError extends RotationError {}
export class RoleNameTakenError extends RotationError {}
export class SchemaNameTakenError extends RotationError {}
export class StatementFailedError extends RotationError {}

/** The HTTP service whose key is rotated. */
export class ApiKeyRefusedError extends RotationError {}
export class ApiKeyConflictError extends RotationError {}
export class ApiThrottledError extends RotationError {}
export class ApiUnavailableError extends RotationError {}
export class ApiRedirectError extends RotationError {}
export class UnexpectedApiAnswerError extends RotationError {}
