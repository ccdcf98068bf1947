/* One line puts a button into a page, and behind it a panel with the questions and answers:
   <script src="…/widget.js" defer></script>
   data-theme="light|dark" data-lang="zh|en" data-publisher data-question data-title data-side="left" data-key
   The element <youju-widget> has open(), close(), ask(question) and fires youju-open, youju-answer, youju-close.
   It sets no cookie, keeps nothing and needs of the page's policy only script-src and frame-src for this server. */
(() => {
  const script = document.currentScript;
  const { theme, publisher, question, title, side = "right", key } = script.dataset;
  const lang = script.dataset.lang || (document.documentElement.lang || navigator.language).slice(0, 2);
  const base = new URL(".", script.src);
  const say = lang === "en"
    ? { title: "Ask the news", open: "Ask the news", close: "Close", trouble: "The answers cannot be shown here. ", why: "Why, and how to mend it" }
    : { title: "新闻问答", open: "打开新闻问答", close: "关闭", trouble: "问答没能在这个页面打开。", why: "查看原因和修正办法" };
  const LATE = 4000; // milliseconds after the frame has loaded until silence means that it was blocked

  const sheet = new CSSStyleSheet(); // not an inline style: a strict policy of the page forbids those
  sheet.replaceSync(`
    :host { all: initial; }
    * { box-sizing: border-box; font: 16px/1.5 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif; }
    [hidden] { display: none !important; }
    button { border: 0; cursor: pointer; }
    :focus-visible { outline: 3px solid #e0a39d; outline-offset: 2px; }
    .bubble { align-items: center; background: #a8281f; border-radius: 28px; bottom: 20px; box-shadow: 0 4px 16px #0004; color: #fff; display: flex; height: 56px; justify-content: center; padding: 0; position: fixed; right: var(--at); width: 56px; z-index: 2147483000; }
    .bubble svg { height: 26px; width: 26px; }
    .panel { background: #faf8f4; border-radius: 12px; bottom: 88px; box-shadow: 0 8px 40px #0005; color: #23201c; display: flex; flex-direction: column; height: min(640px, calc(100dvh - 108px)); overflow: hidden; position: fixed; right: var(--at); width: min(420px, calc(100vw - 40px)); z-index: 2147483001; }
    .left .bubble, .left .panel { left: var(--at); right: auto; }
    .panel.dark { background: #191816; color: #ece7de; }
    header { align-items: center; background: #a8281f; color: #fff; display: flex; flex: none; padding: 6px 8px 6px 16px; }
    header b { flex: 1; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    header button { background: none; border-radius: 6px; color: inherit; height: 36px; width: 36px; }
    iframe { border: 0; flex: 1; min-height: 0; width: 100%; }
    .trouble { margin: 0; padding: 16px; }
    .trouble a { color: inherit; }
    @media (max-width: 480px) {
      .panel, .left .panel { border-radius: 0; height: 100dvh; inset: 0; width: 100vw; }
    }`);

  const make = (tag, attributes = {}, ...inside) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inside);
    return made;
  };
  const icon = () => {
    const [svg, path] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", "M4 4h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zm3 5v2h10V9zm0 4v2h6v-2z");
    path.setAttribute("fill", "currentColor");
    svg.append(path);
    return svg;
  };

  const widget = make("youju-widget");
  const bubble = make("button", { class: "bubble", type: "button", "aria-label": title || say.open, title: title || say.open, "aria-expanded": "false" }, icon());
  const close = make("button", { type: "button", "aria-label": say.close, title: say.close }, "✕");
  const before = make("span", { tabindex: "0" });
  const after = make("span", { tabindex: "0" });
  const trouble = make("p", { class: "trouble", role: "alert", hidden: "" });
  const panel = make(
    "div", { class: `panel ${theme === "dark" ? "dark" : ""}`, role: "dialog", "aria-modal": "true", "aria-label": title || say.title, hidden: "" },
    before, make("header", {}, make("b", {}, title || say.title), close), trouble, after,
  );
  const root = make("div", { class: side === "left" ? "left" : "" }, bubble, panel);
  const shadow = widget.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [sheet];
  shadow.append(root);

  let frame = null;
  let ready = false;
  let asked = []; // what is to be asked as soon as the frame hears

  const fire = (name, detail) => widget.dispatchEvent(new CustomEvent(`youju-${name}`, { bubbles: true, detail }));
  const post = (message) => frame.contentWindow.postMessage(message, base.origin);

  function load() {
    const address = new URL("embed", base);
    for (const [name, value] of Object.entries({ theme, lang, publisher, question, heading: "0" })) if (value) address.searchParams.set(name, value);
    if (key) address.hash = `key=${key}`;
    frame = make("iframe", { title: title || say.title, src: address, allow: "clipboard-write", referrerpolicy: "origin" });
    frame.addEventListener("load", () => {
      if (frame.contentWindow) post({ youju: "hello" });
      setTimeout(() => ready || fail(), LATE);
    }, { once: true });
    after.before(frame);
  }

  function fail(policy = "") {
    const doctor = new URL("embed/doctor", base);
    doctor.searchParams.set("origin", location.origin);
    if (policy) doctor.searchParams.set("headers", policy);
    trouble.replaceChildren(say.trouble, make("a", { href: doctor, target: "_blank", rel: "noopener" }, say.why));
    trouble.hidden = false;
  }

  widget.open = () => {
    if (!panel.hidden) return;
    if (!frame) load();
    panel.hidden = false;
    bubble.setAttribute("aria-expanded", "true");
    close.focus();
    if (ready && !matchMedia("(max-width: 480px)").matches) enter();
    fire("open");
  };
  widget.close = () => {
    if (panel.hidden) return;
    panel.hidden = true;
    bubble.setAttribute("aria-expanded", "false");
    bubble.focus();
    fire("close");
  };
  widget.ask = (text) => {
    widget.open();
    if (ready) post({ youju: "ask", question: text });
    else asked.push(text);
  };
  function enter() {
    frame.focus();
    post({ youju: "open" });
  }

  window.addEventListener("message", ({ source, origin, data }) => {
    if (!frame || source !== frame.contentWindow || origin !== base.origin) return;
    if (data?.youju === "close") widget.close();
    if (data?.youju === "answer") fire("answer", data);
    if (data?.youju !== "ready" || ready) return;
    ready = true;
    trouble.hidden = true;
    if (!panel.hidden && !matchMedia("(max-width: 480px)").matches) enter(); // on a phone the keyboard would cover it
    for (const text of asked) post({ youju: "ask", question: text });
    asked = [];
  });
  document.addEventListener("securitypolicyviolation", (event) => {
    if (/^(frame|child|default)-src/.test(event.effectiveDirective) && event.blockedURI.startsWith(base.origin)) fail(event.originalPolicy);
  });

  bubble.addEventListener("click", () => (panel.hidden ? widget.open() : widget.close()));
  close.addEventListener("click", widget.close);
  // The keyboard goes round inside the panel: through the close button and the frame, and never behind it.
  before.addEventListener("focus", () => frame.focus());
  after.addEventListener("focus", () => close.focus());
  shadow.addEventListener("keydown", (event) => event.key === "Escape" && widget.close());

  const place = () => {
    const mine = [...document.querySelectorAll("youju-widget")].filter((other) => other.dataset.side === side);
    widget.dataset.side = side;
    widget.style.setProperty("--at", `${20 + 68 * mine.length}px`);
    document.body.append(widget);
  };
  if (document.body) place();
  else document.addEventListener("DOMContentLoaded", place);
})();
