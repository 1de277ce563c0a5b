/** The hours of the office as they are typed. Pure. */

/** A day of `2026-12-24` as people write it. */
export function dayShown(iso: string): string {
  const [year, month, day] = iso.split('-');
  return `${day}-${month}-${year}`;
}

/** The days of a list, one on each line, as the box takes them; what is no day stays as it is, for the box to refuse. */
export function daysTyped(text: string): string[] {
  const lines = text.split(/[\n,;]/).map((line) => line.trim()).filter((line) => line !== '');
  return lines.map((line) => {
    const [, day = '', month = '', year = ''] = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$/.exec(line) ?? [];
    return year === '' ? line : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  });
}

/** A day's hours as the box takes them: `9-12:30 en 13u-17` is `9:00-12:30, 13:00-17:00`; nothing is a day off. */
export function hoursTyped(text: string): string {
  const tidy = text.trim().toLowerCase().replace(/[–—]|\s+(tot|à|to|until)\s+/g, '-').replace(/\s+(en|et|and)\s+|;/g, ',');
  if (!/\d/.test(tidy)) return tidy === '' ? 'closed' : text;
  const time = (part: string) => {
    const [, hour, minute] = /^(\d{1,2})(?:[:.hu](\d{2})?)?$/.exec(part.trim()) ?? [];
    return hour === undefined ? part.trim() : `${hour}:${minute ?? '00'}`;
  };
  const piece = (part: string) => part.split('-').map(time).join('-');
  return tidy.split(',').map(piece).join(', ');
}

/** A day's hours as they stand in the field: a day off is empty. */
export function hoursShown(written: string): string {
  return written === 'closed' ? '' : written;
}
