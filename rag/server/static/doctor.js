// What only a browser sees: which headers arrive after every proxy, and under which path.
const zh = document.documentElement.lang.startsWith("zh");
const base = document.body.dataset.base;
const prefix = location.pathname.replace(/\/embed\/doctor\/?$/, "");
const live = document.getElementById("live");

function say(check, state, chinese, english, mend = "") {
  const row = document.createElement("li");
  row.className = `yj-${state}`;
  row.dataset.check = check;
  const said = document.createElement("p");
  said.textContent = zh ? chinese : english;
  row.append(said);
  if (mend) {
    const line = document.createElement("pre");
    line.textContent = mend;
    row.append(line);
  }
  live.append(row);
}

const get = (path) => fetch(path, { credentials: "omit", cache: "no-store" });

function path() {
  if (prefix === base) return say("prefix", "ok", `路径前缀一致：${base || "/"}`, `The path prefix agrees: ${base || "/"}`);
  say(
    "prefix", "blocked", `浏览器看到的路径前缀是“${prefix || "/"}”，服务以为是“${base || "/"}”，链接会落空。`,
    `The browser sees the prefix "${prefix || "/"}", the server thinks it is "${base || "/"}": links lead nowhere.`, `RAG_ROOT_PATH=${prefix || '""'}`,
  );
}

async function frame() {
  const reply = await get("../embed");
  const framing = reply.headers.get("x-frame-options");
  const policies = (reply.headers.get("content-security-policy") ?? "").split(",").filter((one) => one.includes("frame-ancestors"));
  if (reply.status === 400) return say("host", "blocked", "服务拒绝了这个主机名。", "The server refuses this host name.", `RAG_ALLOWED_HOSTS="${location.hostname}"`);
  if (!reply.ok) return say("frame", "blocked", `/embed 返回 ${reply.status}。`, `/embed answers ${reply.status}.`);
  if (framing) { // a browser that knows frame-ancestors passes over it, as CSP 3 says
    say("x-frame-options", "hint", `代理给 /embed 加了 X-Frame-Options: ${framing}：旧浏览器会拒绝嵌入。`,
      `A proxy adds X-Frame-Options: ${framing} to /embed: old browsers refuse the frame.`, "proxy_hide_header X-Frame-Options;  # nginx; 并删去 add_header X-Frame-Options …");
  }
  if (policies.length > 1) {
    say("frame-ancestors", "blocked", "代理又加了一条 frame-ancestors，两条都要满足。", "A proxy adds a second frame-ancestors; both must allow.",
      "删去代理中含 frame-ancestors 的 add_header Content-Security-Policy …;");
  } else if (!policies.length) {
    say("frame-ancestors", "hint", "代理去掉了 Content-Security-Policy，任何网站都能嵌入。", "A proxy removes Content-Security-Policy: any site may frame.", "proxy_pass_header Content-Security-Policy;");
  }
  if (!framing && policies.length === 1) say("frame", "ok", "/embed 的响应头完整到达。", "The headers of /embed arrive whole.");
}

async function script() {
  const reply = await get("../widget.js");
  const kind = reply.headers.get("content-type") ?? "";
  if (reply.ok && kind.includes("javascript")) return say("widget", "ok", "widget.js 可以取到。", "widget.js can be fetched.");
  say("widget", "blocked", `widget.js 返回 ${reply.status}（${kind}）。`, `widget.js answers ${reply.status} (${kind}).`, `${location.origin}${base}/widget.js`);
}

path();
frame().then(script).catch(() => say("frame", "blocked", "连不上 /embed。", "/embed cannot be reached."));
