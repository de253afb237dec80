/** A date as awsJson1_1 writes it: seconds since 1970, with a fraction. */
export function epochSeconds(date: Date): number {
  return date.getTime() / 1000;
}

/** The midnight before: AWS records accesses by the day. */
export function epochDay(date: Date): number {
  return Math.floor(epochSeconds(date) / 86_400) * 86_400;
}
