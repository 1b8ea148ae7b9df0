/**
 * The service counts code points, JavaScript counts UTF-16 units. A lone surrogate is one of either, as it is for the
 * service.
 */

const STEP = 1024;
const SURROGATE = /[\uD800-\uDFFF]/;

export class CodePoints {
  /** Code points of the text. */
  readonly length: number;
  /** At `n * STEP`: how many code points begin before it; null: none of the text's takes two units. */
  private readonly counts: Uint32Array | null;

  constructor(private readonly text: string) {
    if (!SURROGATE.test(text)) {
      this.counts = null;
      this.length = text.length;
      return;
    }
    this.counts = new Uint32Array(Math.floor(text.length / STEP) + 1);
    let count = 0;
    for (let at = 0; at < text.length; at += 1) {
      if (at % STEP === 0) this.counts[at / STEP] = count;
      if (!isInsidePair(text, at)) count += 1;
    }
    if (text.length % STEP === 0) this.counts[text.length / STEP] = count;
    this.length = count;
  }

  /** Where a code point begins; beyond the text: the text's end. */
  toUtf16(codePoint: number): number {
    const point = clamp(codePoint, this.length);
    const { counts, text } = this;
    if (counts === null) return point;
    if (point === this.length) return text.length;
    let low = 0;
    let high = counts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((counts[middle] ?? 0) <= point) low = middle;
      else high = middle - 1;
    }
    let at = low * STEP;
    let count = counts[low] ?? 0;
    if (isInsidePair(text, at)) at += 1;
    while (count < point) {
      at += isInsidePair(text, at + 1) ? 2 : 1;
      count += 1;
    }
    return at;
  }

  /** The code point that holds a UTF-16 unit; beyond the text: the text's length. */
  toCodePoint(utf16: number): number {
    const unit = clamp(utf16, this.text.length);
    if (this.counts === null) return unit;
    const from = Math.floor(unit / STEP);
    let count = this.counts[from] ?? 0;
    for (let at = from * STEP; at < unit; at += 1) if (!isInsidePair(this.text, at)) count += 1;
    return isInsidePair(this.text, unit) ? count - 1 : count;
  }
}

/** Whether a place of a text is between the two units of a character. */
export function isInsidePair(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (!(unit >= 0xdc00 && unit <= 0xdfff)) return false;
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before <= 0xdbff;
}

function clamp(value: number, most: number): number {
  return value > 0 ? Math.min(Math.floor(value), most) : 0;
}
