/** Whether `version` lies in a range written `"3"`, `"3+"` or `"3-7"`; an absent range holds every version. */
export function isInRange(range: string | undefined, version: number): boolean {
  if (range === undefined) return true;
  const [from = '', to = from] = range.endsWith('+')
    ? [range.slice(0, -1), '32767']
    : range.split('-');
  return version >= Number(from) && version <= Number(to);
}
