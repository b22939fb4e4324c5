// Tells what a scanner types from what a person types: nothing here touches the page.

export interface Burst {
  text: string; // typed without a pause
  quick: string; // the end of it that came faster than fingers
  last: number; // when the last key came, in ms
}

export const none: Burst = { text: "", quick: "", last: -Infinity };

const fingers = 40; // ms between two keys: nobody keeps that up
const enough = 8; // so many quick keys are a scanner; the shortest code has eight
const pause = 250; // ms after which another text begins
const patience = 700; // ms that a scanner may take for its Enter
const beyond = 12; // no amount has more digits: also a slow scanner is one
const most = 400; // characters that are kept

// add takes one printable key.
export function add(burst: Burst, key: string, at: number): Burst {
  const gap = at - burst.last;
  if (gap > pause || gap < 0) return { text: key, quick: key, last: at };
  // A scanner that once was one stays one until it pauses.
  const runs = gap <= fingers || burst.quick.length >= enough;
  return { text: (burst.text + key).slice(0, most), quick: runs ? (burst.quick + key).slice(0, most) : key, last: at };
}

// scanned is what a scanner has typed so far; empty: nothing, or a person has.
export function scanned(burst: Burst): string {
  if (burst.quick.length >= enough) return burst.quick;
  return burst.text.length > beyond ? burst.text : "";
}

// ends tells whether Enter at that time still belongs to the text.
export function ends(burst: Burst, at: number): boolean {
  return at - burst.last <= patience;
}

const nothing = "Nothing was sent, so nothing was charged. Have the customer open the payment code in the wallet, and scan it again.";

// wrongCode says what no wallet's code can be; empty: it may be one. Which lengths a
// wallet has the server knows.
export function wrongCode(text: string): string {
  const digits = text.length;
  if (!/^\d*$/.test(text)) return `This is no wallet code: such a code has digits only. ${nothing}`;
  if (isProduct(text)) return `This is a product's barcode (EAN), no wallet code. ${nothing}`;
  if (digits < 10 || digits > 64) return `This is no wallet code: it has ${digits} digits. ${nothing}`;
  return "";
}

// isProduct: 8, 12, 13 or 14 digits with the check digit of GS1.
function isProduct(digits: string): boolean {
  if (![8, 12, 13, 14].includes(digits.length)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) sum += Number(digits[digits.length - 1 - i]) * (i % 2 === 1 ? 3 : 1);
  return sum % 10 === 0;
}
