/** Content-Type and Accept as JAX-RS judges them. (no I/O) */

export const jsonType = 'application/json';

interface MediaRange {
  type: string;
  subtype: string;
  /** As written, without `q`. */
  parameters: string[];
  quality: number;
}

/** May a body of this type be sent? `unparsable` when it is no media type. */
export function judgeContentType(header: string): 'json' | 'other' | 'unparsable' {
  const range = parseRange(header);
  if (range === null) return 'unparsable';
  return coversJson(range) ? 'json' : 'other';
}

/** Type of the answer for an Accept header, or null when JSON is not acceptable. */
export function chooseAnswerType(accept: string | undefined): string | null {
  if (accept === undefined || accept.trim() === '') return jsonType;
  const ranges = accept.split(',').map(parseRange);
  const chosen = ranges
    .filter((range) => range !== null && range.quality > 0 && coversJson(range))
    .reduce((best, range) => (best && range && best.quality >= range.quality ? best : range), null);
  if (chosen === null) return null;
  const isExact = chosen.type !== '*' && chosen.subtype !== '*';
  return [jsonType, ...(isExact ? chosen.parameters : [])].join(';');
}

function coversJson({ type, subtype }: MediaRange): boolean {
  return (type === '*' || type === 'application') && (subtype === '*' || subtype === 'json');
}

const token = /^[!#$%&'*+.^_`|~\w-]+$/;

function parseRange(text: string): MediaRange | null {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim());
  const [type = '', subtype = '', ...more] = name.toLowerCase().split('/');
  if (!token.test(type) || !token.test(subtype) || more.length > 0) return null;
  const quality = parameters.find((parameter) => /^q=/i.test(parameter));
  return {
    type,
    subtype,
    parameters: parameters.filter((parameter) => parameter !== '' && parameter !== quality),
    quality: quality === undefined ? 1 : Number(quality.slice(2)),
  };
}
