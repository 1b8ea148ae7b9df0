/** Who says a message. */

export type RoleKind = "system" | "user" | "assistant" | "tool" | "other";

const KNOWN: Record<string, { kind: RoleKind; label: string }> = {
  system: { kind: "system", label: "System" },
  developer: { kind: "system", label: "Developer" },
  user: { kind: "user", label: "User" },
  human: { kind: "user", label: "User" },
  assistant: { kind: "assistant", label: "Assistant" },
  model: { kind: "assistant", label: "Assistant" },
  ai: { kind: "assistant", label: "Assistant" },
  tool: { kind: "tool", label: "Tool" },
  function: { kind: "tool", label: "Tool" },
};

export function roleOf(role: string): { kind: RoleKind; label: string } {
  const name = role.toLowerCase();
  return Object.hasOwn(KNOWN, name)
    ? (KNOWN[name] ?? { kind: "other", label: role })
    : { kind: "other", label: role || "Unknown" };
}
