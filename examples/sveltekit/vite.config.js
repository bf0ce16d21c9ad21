/** SvelteKit 3 takes its settings here. ORIGIN is where the built app answers, such as http://localhost:3000. */
import adapter from "@sveltejs/adapter-node";
import { sveltekit } from "@sveltejs/kit/vite";

export default { plugins: [sveltekit({ adapter: adapter(), paths: { origin: process.env.ORIGIN } })] };
