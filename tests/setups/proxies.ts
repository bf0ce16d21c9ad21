/** Proxies on the machine of the app: nginx, Caddy and haproxy, each as its manual shows it. They listen on every address. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findPort, PEM, startProgram } from "./program.ts";
import { type AppOptions, type Front, type Setup, startInFront } from "./setup.ts";

/** The lines that most sites copy. */
const USUAL_LINES = `
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;`;

/** nginx with nothing but `proxy_pass`: HTTP/1.0 to the app, no header. */
export function startDefaultNginx(options: AppOptions = {}): Promise<Setup> {
  return startNginx(options, { lines: "", isSecure: false });
}

/** nginx with the usual lines. */
export function startUsualNginx(options: AppOptions = {}): Promise<Setup> {
  return startNginx(options, { lines: USUAL_LINES, isSecure: false });
}

/** nginx that ends TLS and speaks HTTP/2 with browsers. */
export function startHttp2Nginx(options: AppOptions = {}): Promise<Setup> {
  return startNginx(options, { lines: USUAL_LINES, isSecure: true });
}

/** nginx with lines of one's own choice in its `location`, for what a set-up would be without a header. */
export function startNginx(
  options: AppOptions,
  { lines, isSecure }: { lines: string; isSecure: boolean },
): Promise<Setup> {
  return startInFront(options, async (appPort, folder) => {
    const location = `location / {
      proxy_pass http://127.0.0.1:${appPort};${lines}
    }`;
    return runNginx(folder, location, { isSecure });
  });
}

/** nginx alone, with these blocks `location`. @param port default: one that is free */
export async function runNginx(
  folder: string,
  locations: string,
  { isSecure = false, port: wanted }: { isSecure?: boolean; port?: number } = {},
): Promise<Front> {
  const port = wanted ?? (await findPort());
  const tls = `ssl_certificate ${PEM}; ssl_certificate_key ${PEM};`;
  const file = join(folder, "nginx.conf");
  await writeFile(
    file,
    `daemon off; pid ${folder}/pid; error_log stderr; worker_processes 1;
${process.getuid?.() === 0 ? "user root;" : ""}
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ")}
  server {
    listen ${port}${isSecure ? " ssl http2" : ""};
    ${isSecure ? tls : ""}
    ${locations}
  }
}`,
  );
  const command = ["nginx", "-p", folder, "-c", file, "-e", "stderr"];
  const { stop } = await startProgram(command, { cwd: folder, said: port });
  return { pageUrl: `${isSecure ? "https" : "http"}://localhost:${port}`, stop };
}

/** Caddy's `reverse_proxy`, without https of its own making. */
export function startCaddy(options: AppOptions = {}): Promise<Setup> {
  return startInFront(options, async (appPort, folder) => {
    const port = await findPort();
    await writeFile(
      join(folder, "Caddyfile"),
      `{\n\tauto_https off\n\tadmin off\n}\nhttp://:${port} {\n\treverse_proxy 127.0.0.1:${appPort}\n}\n`,
    );
    const { stop } = await startProgram(["caddy", "run"], {
      cwd: folder,
      env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      said: port,
    });
    return { pageUrl: `http://localhost:${port}`, stop };
  });
}

/** haproxy with `option forwardfor`. */
export function startHaproxy(options: AppOptions = {}): Promise<Setup> {
  return startInFront(options, async (appPort, folder) => {
    const port = await findPort();
    const file = join(folder, "haproxy.cfg");
    await writeFile(
      file,
      `defaults
  mode http
  option forwardfor
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend page
  bind :${port}
  default_backend app
backend app
  server app 127.0.0.1:${appPort}
`,
    );
    const { stop } = await startProgram(["haproxy", "-db", "-f", file], { cwd: folder, said: port });
    return { pageUrl: `http://localhost:${port}`, stop };
  });
}
