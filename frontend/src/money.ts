// Amounts as a till types and shows them, in whole minor units. The server parses
// again and decides; here it is only about what is shown.

export interface Format {
  exponent: number;
  decimal: string;
  group: string;
  unit: string;
  limit: number;
}

// show writes minor units: 125000 is "1,250.00".
export function show(minor: number, f: Format): string {
  const digits = String(minor).padStart(f.exponent + 1, "0");
  const whole = digits.slice(0, digits.length - f.exponent).replace(/\B(?=(\d{3})+$)/g, f.group);
  return f.exponent === 0 ? whole : whole + f.decimal + digits.slice(-f.exponent);
}

export function withUnit(minor: number, f: Format): string {
  return `${show(minor, f)}\u00a0${f.unit}`;
}

// plain writes minor units without group signs, as a field carries them.
export function plain(minor: number, f: Format): string {
  return show(minor, { ...f, group: "" });
}

// read takes what somebody typed; null: not an amount that is clear.
export function read(text: string, f: Format): number | null {
  const match = /^(\d+)(?:[.,](\d+))?$/.exec(text.replace(/\s/g, ""));
  if (match === null) return null;
  const decimals = match[2] ?? "";
  if (decimals.length > f.exponent) return null;
  const minor = Number(match[1] + decimals.padEnd(f.exponent, "0"));
  return Number.isSafeInteger(minor) && minor <= f.limit ? minor : null;
}
