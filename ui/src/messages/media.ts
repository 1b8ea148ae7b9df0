/** What is told of an image, a sound or a file: its name, type and size. It is never loaded. */

import { childrenOf, isContainer, type Json } from "./structured";

export interface MediaFacts {
  kind: string;
  name: string | null;
  type: string | null;
  /** Of what came with the message. */
  bytes: number | null;
  /** Where it is said to be; shown as text only. */
  address: string | null;
}

const NAMES = new Set(["filename", "file_name", "fileName", "name", "title", "file_id", "fileId"]);
const TYPES = new Set(["mime_type", "mimeType", "media_type", "mediaType", "content_type", "format"]);
const ADDRESSES = new Set(["url", "uri", "file_uri", "fileUri", "image_url", "file_url"]);
const CONTENTS = new Set(["data", "content", "b64_json", "file_data", "result", "bytes"]);
const LONGEST_ADDRESS = 2_000;
const DATA_URL = /^data:([^;,]*)((?:;[^;,]*)*),/;

export function mediaFacts(data: Json): MediaFacts {
  const facts: MediaFacts = { kind: "file", name: null, type: null, bytes: null, address: null };
  const kind = isContainer(data) && "type" in data && typeof data.type === "string" ? data.type : null;
  const waiting: Json[] = [data];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for (const [key, value] of childrenOf(next)) {
      if (isContainer(value)) waiting.push(value);
      else if (typeof value === "string") read(facts, String(key), value);
    }
  }
  facts.kind = kindOf(kind, facts.type);
  return facts;
}

function read(facts: MediaFacts, key: string, value: string): void {
  const url = value.slice(0, 300).match(DATA_URL);
  if (url) {
    const [head, type, options = ""] = url;
    facts.type ??= type || null;
    const length = value.length - head.length;
    facts.bytes ??= options.includes(";base64") ? decodedBytes(value, length) : length;
  } else if (NAMES.has(key)) facts.name ??= value;
  else if (TYPES.has(key)) facts.type ??= value;
  else if (ADDRESSES.has(key)) facts.address ??= value.slice(0, LONGEST_ADDRESS);
  else if (CONTENTS.has(key)) facts.bytes ??= decodedBytes(value, value.length);
}

function decodedBytes(base64: string, length: number): number {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  return Math.max(0, Math.floor((length * 3) / 4) - padding);
}

function kindOf(sent: string | null, type: string | null): string {
  const words = `${sent ?? ""} ${type ?? ""}`.toLowerCase();
  return ["image", "audio", "video", "document"].find((kind) => words.includes(kind)) ?? "file";
}
