/**
 * Existing apps on express-session, @fastify/session, koa-session, cookie-session, iron-session and
 * @fastify/secure-session get the tab with one line, and behave as before.
 */
import { afterEach } from "vitest";
import { closeApps, STORIES } from "./apps.ts";
import { describeStory } from "./story.ts";

afterEach(closeApps);

for (const story of STORIES) describeStory(story);
