/** Of input that is no JSON. */
export class JsonSyntaxError extends Error {}
