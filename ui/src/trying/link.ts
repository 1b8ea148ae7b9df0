/**
 * A text and its prompt in the fragment of an address, which browsers send to nobody: deflated JSON in base64url,
 * after a number that says so. Its checksum tells a link that was cut or mangled.
 */

/** What is traced. */
export interface Tried {
  text: string;
  prompt: string | null;
}

/** What a link holds: also the versions of the indexes that gave the result, by name, once there is one. */
export interface Shared extends Tried {
  versions: Record<string, string> | null;
}

export class DamagedLinkError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "DamagedLinkError";
  }
}

/** Characters of a fragment: messengers and browsers cut longer links, some at less. */
export const LONGEST_LINK = 32 * 1024;
/** Bytes that a fragment may become: more than any service takes, less than what hurts. */
export const LONGEST_SHARED = 16 * 1024 * 1024;

const FORM = "1.";
const STEP = 32 * 1024;

export async function pack({ text, prompt, versions }: Shared): Promise<string> {
  const content = new TextEncoder().encode(JSON.stringify([text, prompt, versions]));
  const bytes = await through(content, new CompressionStream("deflate"), Number.POSITIVE_INFINITY);
  let binary = "";
  for (let at = 0; at < bytes.length; at += STEP)
    binary += String.fromCharCode(...bytes.subarray(at, at + STEP));
  return FORM + btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Throws a `DamagedLinkError` where it is not what `pack` made. */
export async function unpack(fragment: string): Promise<Shared> {
  if (!fragment.startsWith(FORM)) {
    throw new DamagedLinkError(
      /^\d+\./.test(fragment)
        ? "It was made by another version of Wherefrom, which writes links in another way."
        : "What follows the # in the address is no text that was shared from here.",
    );
  }
  let content: Uint8Array;
  try {
    content = await through(decode(fragment), new DecompressionStream("deflate"), LONGEST_SHARED);
  } catch (error) {
    if (error instanceof DamagedLinkError) throw error;
    throw new DamagedLinkError("It was cut or changed on its way: ask for it again.");
  }
  return read(content);
}

function decode(fragment: string): Uint8Array<ArrayBuffer> {
  const binary = atob(fragment.slice(FORM.length).replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (one) => one.charCodeAt(0));
}

function read(content: Uint8Array): Shared {
  let found: unknown;
  try {
    found = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch {
    throw new DamagedLinkError("What it holds is no text.");
  }
  const [text, prompt, versions] = Array.isArray(found) ? (found as unknown[]) : [];
  if (typeof text !== "string" || text === "") throw new DamagedLinkError("There is no text in it.");
  return {
    text,
    prompt: typeof prompt === "string" && prompt ? prompt : null,
    versions: isVersions(versions) ? versions : null,
  };
}

function isVersions(value: unknown): value is Record<string, string> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((version) => typeof version === "string")
  );
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const writer = stream.writable.getWriter();
  // What goes wrong here is told by the reader as well.
  writer.write(bytes).catch(() => undefined);
  writer.close().catch(() => undefined);
  const reader = stream.readable.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      void reader.cancel().catch(() => undefined);
      throw new DamagedLinkError("It holds more than any text that can be traced.");
    }
    pieces.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
