/** Limits that Kafka Connect's JSON library has. Source: Jackson `StreamReadConstraints`, `StreamWriteConstraints`. (no I/O) */

export const maxDepth = 1000;
export const maxNumberLength = 1000;
export const maxNameLength = 50_000;
export const maxStringLength = 20_000_000;

/** Whether JSON text that stands `outerDepth` deep goes deeper than allowed. Of text that is no JSON it may say either. */
export function isTooDeep(text: string, outerDepth = 0): boolean {
  if (text.length < 2 * (maxDepth - outerDepth)) return false;
  return hasManyBrackets(text, maxDepth - outerDepth) && depthOf(text) > maxDepth - outerDepth;
}

/** Whether a string or a name may be longer than allowed: then each must be looked at. */
export function hasLongString(text: string): boolean {
  if (text.length <= maxNameLength) return false;
  for (let at = text.indexOf('"'); at >= 0; ) {
    const end = endOfString(text, at);
    if (end - at > maxNameLength) return true;
    at = text.indexOf('"', end);
  }
  return false;
}

function hasManyBrackets(text: string, limit: number): boolean {
  let count = 0;
  for (const bracket of '[{') {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      count += 1;
      if (count > limit) return true;
    }
  }
  return false;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === doubleQuote) at = endOfString(text, at) - 1;
    else if (code === openBracket || code === openBrace) deepest = Math.max(deepest, ++depth);
    else if (code === closeBracket || code === closeBrace) depth -= 1;
  }
  return deepest;
}

/** Behind the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length && text.charCodeAt(at) !== doubleQuote; at++) {
    if (text.charCodeAt(at) === backslash) at += 1;
  }
  return at + 1;
}

const doubleQuote = 0x22;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
