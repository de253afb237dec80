/** The account and region that everything local pretends to be in. AWS's own documentation uses this account. */
export const accountId = "123456789012";
export const region = "us-east-1";
