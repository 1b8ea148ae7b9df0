/**
 * Places in a text by code points, as the service counts, and by UTF-16 units, as JavaScript does. A surrogate without
 * its other half counts as one code point, as it does there.
 */

const STRIDE = 1024;
const ANY_SURROGATE = /[\ud800-\udfff]/;

export class CodePoints {
  /** How many there are. */
  readonly length: number;
  /** Where every 1024th code point begins, in units; null: each code point is one unit. */
  private readonly checkpoints: Uint32Array | null;

  constructor(private readonly text: string) {
    if (!ANY_SURROGATE.test(text)) {
      this.checkpoints = null;
      this.length = text.length;
      return;
    }
    const checkpoints: number[] = [];
    let points = 0;
    for (let unit = 0; unit < text.length; points++) {
      if (points % STRIDE === 0) checkpoints.push(unit);
      unit += widthAt(text, unit);
    }
    this.checkpoints = Uint32Array.from(checkpoints);
    this.length = points;
  }

  /** The unit at which a code point begins; what is beyond the text is at its end. */
  toUtf16(point: number): number {
    if (point <= 0) return 0;
    if (point >= this.length) return this.text.length;
    if (!this.checkpoints) return point;
    let unit = this.checkpoints[Math.floor(point / STRIDE)] ?? 0;
    for (let rest = point % STRIDE; rest > 0; rest--) unit += widthAt(this.text, unit);
    return unit;
  }

  /** The code point that a unit belongs to. */
  toCodePoint(unit: number): number {
    if (unit <= 0) return 0;
    if (unit >= this.text.length) return this.length;
    if (!this.checkpoints) return unit;
    const stride = lastAtMost(this.checkpoints, unit);
    let point = stride * STRIDE;
    for (let at = this.checkpoints[stride] ?? 0; ; point++) {
      at += widthAt(this.text, at);
      if (at > unit) return point;
    }
  }
}

/** The place of the last value that is at most so large; the first value is 0. */
function lastAtMost(values: Uint32Array, most: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((values[middle] ?? 0) <= most) low = middle;
    else high = middle - 1;
  }
  return low;
}

function widthAt(text: string, unit: number): number {
  return (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
}
