/** Names in dates for the locale en_US. */

export const months: readonly string[] =
  'January February March April May June July August September October November December'.split(
    ' ',
  );
export const weekdays: readonly string[] =
  'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
export const eras: readonly string[] = ['BC', 'AD'];
export const halves: readonly string[] = ['AM', 'PM'];

export function short(names: readonly string[]): string[] {
  return names.map((name) => name.slice(0, 3));
}

/**
 * Offsets in minutes that Java gives the abbreviations of time zones, where they do not depend on the date. Several countries share some of them; these are
 * Java's choices. GMT may have an offset behind it and is read apart.
 */
const zones =
  'ACDT:570 ACST:570 ACT:-300 ACWST:525 ADT:-180 AEDT:660 AEST:600 AFT:270 AKDT:-480 AKST:-540 ALMT:360 AMT:240 AST:-240 AWDT:480 AWST:480 AZOST:0 AZOT:-60 ' +
  'AZT:240 BDT:360 BNT:480 BOT:-240 BRST:-180 BRT:-180 BST:60 BTT:360 CAT:120 CDT:-300 CEST:120 CET:60 CHADT:825 CHAST:765 CKT:-600 CLST:-180 CLT:-240 ' +
  'COT:-300 CST:-360 CVT:-60 CXT:420 ChST:600 DAVT:420 EASST:-300 EAT:180 ECT:-300 EDT:-240 EEST:180 EET:120 EGST:0 EGT:-60 EST:-300 FJST:720 FJT:720 FNT:-120 ' +
  'GALT:-360 GAMT:-540 GET:240 GFT:-180 GILT:720 GST:240 HDT:-600 HKT:480 HOVT:420 HST:-600 ICT:420 IDT:180 IRKT:480 IRST:210 IST:120 JST:540 KGT:360 KRAT:420 ' +
  'KST:540 LHDT:660 LHST:630 MAGT:660 MART:-570 MDT:-360 MEST:120 MET:60 MHT:720 MMT:390 MSD:180 MSK:180 MST:-420 MUT:240 MVT:300 MYT:480 NCT:660 NDT:-150 NOVT:420 ' +
  'NPT:345 NRT:720 NST:-210 NUT:-660 NZDT:780 NZST:720 OMST:360 PDT:-420 PET:-300 PGT:600 PKT:300 PMDT:-120 PMST:-180 PONT:660 PST:-480 PWT:540 PYT:-240 RET:240 SAKT:660 ' +
  'SAST:120 SBT:660 SCT:240 SGT:480 SRT:-180 SST:-660 TAHT:-600 TFT:300 TMT:300 TOT:780 TVT:720 ULAT:480 UTC:0 UYT:-180 VET:-240 VUT:660 WAKT:720 WAT:60 WEST:60 WET:0 ' +
  'WFT:720 WIB:420 WIT:540 XJT:360 YAKT:540 YEKT:300';

/** Longest first, so that none hides behind its own beginning. */
export const zoneOffsets: readonly { name: string; minutes: number }[] = [
  { name: 'Coordinated Universal Time', minutes: 0 },
  ...zones.split(' ').map((entry) => {
    const [name = '', minutes] = entry.split(':');
    return { name, minutes: Number(minutes) };
  }),
].sort((a, b) => b.name.length - a.name.length);
