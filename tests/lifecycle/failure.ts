/** What prevents a lifecycle from running or ends it early, in words for the user. */
export class LifecycleError extends Error {}
