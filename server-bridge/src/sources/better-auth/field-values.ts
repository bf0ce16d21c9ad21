/** Which fields of a Better Auth session an edit changes, and whether the library would return them unchanged. */
import type { ForeignData } from "../foreign/follow-request.ts";
import { type Field, toObject } from "./auth-context.ts";

/** The library's own fields, which it fills itself. */
const OWN = ["id", "userId", "token", "expiresAt", "createdAt", "updatedAt", "ipAddress", "userAgent"];

/** The changed fields as the library takes them, or why it cannot, as a sentence. */
export function toFieldValues(
  before: string,
  after: string,
  fields: ReadonlyMap<string, Field>,
): { values: ForeignData } | { why: string } {
  const [old, wanted] = [toObject(JSON.parse(before)), toObject(JSON.parse(after))];
  const values: ForeignData = {};
  for (const name of new Set([...Object.keys(old), ...Object.keys(wanted)])) {
    const value = wanted[name];
    if (JSON.stringify(old[name]) === JSON.stringify(value)) continue;
    const field = fields.get(name);
    const why = whyUnfit(name, field, value);
    if (why !== null) return { why };
    values[name] = field?.type === "date" && typeof value === "string" ? new Date(value) : (value ?? null);
  }
  return { values };
}

function whyUnfit(name: string, field: Field | undefined, value: unknown): string | null {
  const shown = JSON.stringify(name);
  if (name === "user") {
    return "The user is a row in another table. Change it with auth.api.updateUser(…) or in the database.";
  }
  if (OWN.includes(name)) {
    return `Better Auth fills ${shown} itself. Of a session, only additional fields can be edited here.`;
  }
  if (field === undefined) {
    return `Better Auth has no session field ${shown}. Add it to session.additionalFields first.`;
  }
  if (value === undefined || value === null) {
    return field.required ? `The session field ${shown} is required. Set it to a value.` : null;
  }
  return fits(value, field.type)
    ? null
    : `The session field ${shown} is declared as ${String(field.type)}. Write a value of this type.`;
}

function fits(value: unknown, type: unknown): boolean {
  if (type === "json") return true;
  if (type === "date")
    return typeof value === "string" && !Number.isNaN(Date.parse(value)) && toIso(value) === value;
  if (type === "number")
    return typeof value === "number" && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (Array.isArray(type)) return type.includes(value); // one of these strings
  if (type === "string[]" || type === "number[]") {
    return Array.isArray(value) && value.every((each) => `${typeof each}[]` === type);
  }
  return typeof value === type;
}

function toIso(value: string): string {
  return new Date(value).toISOString();
}
