export {
  type LoginEntry,
  loginFileProperty,
  readClientLogin,
  readLoginEntry,
} from './login-file.ts';
export { allowedResources } from './oauthbearer/allowed-resources.ts';
export { readContextOptions } from './tls.ts';
