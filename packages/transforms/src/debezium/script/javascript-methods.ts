import { isDecimal, isStruct } from '@tributary/sdk';
import { fieldOf, javaTextMethods, schemaMethods, structMethods } from './groovy-methods.ts';
import { HostDate, HostLong, HostStruct } from './javascript-values.ts';
import type { Method } from './script-compile.ts';
import {
  type FromRecord,
  fail,
  HeaderMap,
  kindOf,
  limitGrowth,
  limitText,
} from './script-values.ts';

/** Methods of JavaScript's texts and lists, and of those objects of Java that records have in them. Engines differ in what is there with `isProxied` alone. */
export function javaScriptMethods(
  fromJava: FromRecord,
  isProxied: boolean,
): Record<string, Method> {
  const element = (name: string, value: unknown): unknown =>
    isProxied ? primitive(name, value) : text(name, value);
  return {
    ...textMethods,
    ...(isProxied ? { replaceAll } : nashornMethods),
    ...schemaMethods(),
    ...hostStructMethods(fromJava),
    includes: method(1, (target, [part]) => {
      if (typeof target === 'string') return target.includes(text('includes', part));
      return Array.isArray(target)
        ? target.includes(element('includes', part))
        : unsupported('includes', target);
    }),
    indexOf: method(1, (target, [part]) => {
      if (typeof target === 'string') return target.indexOf(text('indexOf', part));
      return Array.isArray(target)
        ? target.indexOf(element('indexOf', part))
        : unsupported('indexOf', target);
    }),
    contains: method(1, (target, [part]) => {
      const hasContains = Array.isArray(target) || (typeof target === 'string' && !isProxied);
      return hasContains
        ? target.includes(text('contains', part))
        : unsupported('contains', target);
    }),
    containsKey: method(1, (target, [key]) => {
      if (target instanceof Map) return target.has(text('containsKey', key));
      if (target instanceof HeaderMap)
        return target.get(text('containsKey', key), fromJava) !== null;
      return unsupported('containsKey', target);
    }),
    size: method(0, (target) => {
      if (Array.isArray(target)) return target.length;
      return isMap(target) ? target.size : unsupported('size', target);
    }),
    isEmpty: method(0, (target) => {
      if (Array.isArray(target)) return target.length === 0;
      return isMap(target) ? target.size === 0 : unsupported('isEmpty', target);
    }),
    get: method(1, (target, [key]) => {
      if (target instanceof HostStruct) return fieldOf(target.struct, text('get', key), fromJava);
      if (target instanceof Map) return target.get(text('get', key)) ?? null;
      if (target instanceof HeaderMap) return target.get(text('get', key), fromJava);
      if (Array.isArray(target) && typeof key === 'number' && key in target) return target[key];
      const isMember = typeof target === 'object' && target !== null && isStruct(target);
      return isMember
        ? fail(`Unknown identifier: get; fields are members: .${text('get', key)}`)
        : unsupported('get', target);
    }),
    getTime: method(0, (target) =>
      target instanceof HostDate ? target.valueOf() : unsupported('getTime', target),
    ),
    toString: method(0, (target) => {
      if (target instanceof HostLong) return String(target.value);
      const hasText =
        ['string', 'number', 'boolean', 'bigint'].includes(typeof target) || isDecimal(target);
      return hasText ? String(target) : unsupported('toString', target);
    }),
    test: method(1, (target, [value]) => {
      if (!(target instanceof RegExp)) return unsupported('test', target);
      const isText = typeof value !== 'object' || value === null;
      return isText ? target.test(String(value)) : unsupported('test', value);
    }),
    schema: method(0, (target) =>
      target instanceof HostStruct
        ? target.struct.schema
        : schemaMethods()['schema']?.prepare([])(target, []),
    ),
  };
}

function hostStructMethods(fromJava: FromRecord): Record<string, Method> {
  const ofStructs = Object.entries(structMethods(fromJava));
  return Object.fromEntries(
    ofStructs.map(([name, { prepare }]) => {
      const call = prepare([]);
      const ofHost = method(1, (target, args) =>
        target instanceof HostStruct ? call(target.struct, args) : unsupported(name, target),
      );
      return [name, ofHost];
    }),
  );
}

function isMap(value: unknown): value is Map<unknown, unknown> | HeaderMap {
  return value instanceof Map || value instanceof HeaderMap;
}

function method(
  args: number | [number, number],
  call: (target: unknown, args: readonly unknown[]) => unknown,
): Method {
  const [minArgs, maxArgs] = typeof args === 'number' ? [args, args] : args;
  return { minArgs, maxArgs, prepare: () => call };
}

function textMethod(
  name: string,
  args: number | [number, number],
  call: (target: string, args: readonly unknown[]) => unknown,
): Method {
  return method(args, (target, values) =>
    typeof target === 'string' ? call(target, values) : unsupported(name, target),
  );
}

const textMethods: Record<string, Method> = {
  startsWith: textMethod('startsWith', 1, (target, [part]) =>
    target.startsWith(text('startsWith', part)),
  ),
  endsWith: textMethod('endsWith', 1, (target, [part]) => target.endsWith(text('endsWith', part))),
  toLowerCase: textMethod('toLowerCase', 0, (target) => target.toLowerCase()),
  toUpperCase: textMethod('toUpperCase', 0, (target) => target.toUpperCase()),
  trim: textMethod('trim', 0, (target) => target.trim()),
  lastIndexOf: textMethod('lastIndexOf', 1, (target, [part]) =>
    target.lastIndexOf(text('lastIndexOf', part)),
  ),
  charAt: textMethod('charAt', 1, (target, [at]) => target.charAt(index('charAt', at))),
  substring: textMethod('substring', [1, 2], (target, [from, to]) =>
    target.substring(
      index('substring', from),
      to === undefined ? undefined : index('substring', to),
    ),
  ),
  slice: textMethod('slice', [1, 2], (target, [from, to]) =>
    target.slice(index('slice', from), to === undefined ? undefined : index('slice', to)),
  ),
  concat: textMethod('concat', 1, (target, [part]) => limitText(target + text('concat', part))),
  split: textMethod('split', 1, (target, [separator]) => target.split(text('split', separator))),
  replace: textMethod('replace', 2, (target, [from, to]) =>
    limitText(target.replace(text('replace', from), limitGrowth(target, text('replace', to)))),
  ),
};

/** Nashorn lets texts have Java's methods, too. */
const nashornMethods: Record<string, Method> = {
  equals: textMethod('equals', 1, (target, [other]) => target === text('equals', other)),
  equalsIgnoreCase: javaTextMethods['equalsIgnoreCase'] as Method,
  matches: javaTextMethods['matches'] as Method,
};

const replaceAll: Method = textMethod('replaceAll', 2, (target, [from, to]) =>
  limitText(
    target.replaceAll(text('replaceAll', from), limitGrowth(target, text('replaceAll', to))),
  ),
);

function text(name: string, value: unknown): string {
  return typeof value === 'string' ? value : fail(`"${name}" takes a text, found ${kindOf(value)}`);
}

/** Of objects it is not known here which are the same. */
function primitive(name: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null
    ? fail(`"${name}" of a list is not supported with ${kindOf(value)}`)
    : value;
}

function index(name: string, value: unknown): number {
  return typeof value === 'number'
    ? value
    : fail(`"${name}" takes a number, found ${kindOf(value)}`);
}

function unsupported(name: string, target: unknown): never {
  if (target === null || target === undefined) fail(`Cannot read property '${name}' of ${target}`);
  return fail(`The method "${name}" is not supported for ${kindOf(target)}`);
}
