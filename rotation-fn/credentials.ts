/*
 * In the bundle, this replaces the SDK's chain of credential providers (bundle.ts): Lambda always gives a function its
 * role's credentials in the environment. Sign-in, SSO, STS and the instance metadata would be a fifth of the bundle.
 */
export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";
