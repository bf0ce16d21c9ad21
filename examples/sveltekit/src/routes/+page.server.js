/** A page that says who you are, and the three things that you can do there. */
import { randomBytes } from "node:crypto";
import { redirect } from "@sveltejs/kit";
import { remove, save, toKey } from "../lib/sessions.js";

const users = { john_doe: 123, jane_roe: 456 };
const maxAge = 604_800;

export const load = ({ locals }) => ({ session: locals.session?.data });

export const actions = {
  async login({ request, cookies }) {
    const username = String((await request.formData()).get("username"));
    const token = randomBytes(20).toString("base64url");
    const data = { user_id: users[username], username, theme: "light" };
    save(toKey(token), { data, expiresAt: Date.now() + maxAge * 1000 });
    cookies.set("session", token, { path: "/", maxAge });
    redirect(303, "/");
  },
  async theme({ request, locals: { key, session } }) {
    const theme = String((await request.formData()).get("theme"));
    save(key, { ...session, data: { ...session.data, theme } });
    redirect(303, "/");
  },
  logout({ cookies, locals: { key } }) {
    remove(key);
    cookies.delete("session", { path: "/" });
    redirect(303, "/");
  },
};
