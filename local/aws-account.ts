/** The account and region of everything local. AWS's own documentation uses this account. */
export const accountId = "123456789012";
export const region = "us-east-1";
