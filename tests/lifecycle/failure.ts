/** What keeps a lifecycle from running or ends it early, in words for whoever started it. */
export class LifecycleError extends Error {}
