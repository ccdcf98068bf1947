/* <youju-widget>: a button in the corner and behind it a panel with questions and answers; docs/embedding.md.
   <script src="…/widget/1.js" defer></script> puts one into the page; data-* are its attributes. */
(() => {
  const SIGNED = ["user", "signature"];
  const CONTEXT = ["publisher", "since", ...SIGNED]; // may change under the frame
  const FRAME = ["theme", "lang", "question", "questions", "greeting", "keep", "color"];
  const LOADS = [...FRAME, "server", "key"];
  const NAMES = [...CONTEXT, ...LOADS, "heading", "side", "offset", "logo", "inline", "launcher", "open"];
  const LATE = 4000; // milliseconds of silence after loading mean that it is blocked
  const PHONE = "(max-width: 480px)";
  const WORDS = {
    en: { title: "Ask the news", open: "Ask the news", close: "Close", trouble: "The answers cannot be shown here. ", why: "Why, and how to mend it" },
    zh: { title: "新闻问答", open: "打开新闻问答", close: "关闭", trouble: "问答没能在这个页面打开。", why: "查看原因和修正办法" },
  };
  const tag = document.currentScript || [...document.querySelectorAll("script[src]")].reverse().find(({ src }) => /\/widget(\/1)?\.js(\?|$)/.test(src));
  const called = tag?.src || new Error().stack?.match(/https?:\/\/[^\s()]+?\/widget(?:\/1)?\.js/)?.[0] || "";
  const home = called.replace(/widget(\/1)?\.js.*$/, "");

  const sheet = new CSSStyleSheet(); // a strict policy forbids inline styles
  sheet.replaceSync(`
  :host { all: initial; --red: #a8281f; }
  :host([inline]) { display: block; height: 640px; }
  * { box-sizing: border-box; font: 16px/1.5 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif; }
  [hidden] { display: none !important; }
  button { border: 0; cursor: pointer; }
  :focus-visible { outline: 3px solid #e0a39d; outline-offset: 2px; }
  .bubble, .panel { border: 0; inset: auto; margin: 0; padding: 0; position: fixed; right: var(--at); z-index: 2147483000; }
  .bubble { align-items: center; background: var(--red); border-radius: 28px; bottom: var(--up, 20px); box-shadow: 0 4px 16px #0004; color: #fff; display: flex; height: 56px; justify-content: center; width: 56px; }
  .bubble svg { height: 26px; width: 26px; }
  .panel { background: #faf8f4; border-radius: 12px; bottom: calc(var(--up, 20px) + 68px); box-shadow: 0 8px 40px #0005; color: #23201c; display: flex; flex-direction: column; height: min(640px, calc(100dvh - 88px - var(--up, 20px))); overflow: hidden; width: min(420px, calc(100vw - 40px)); }
  .left .bubble, .left .panel { left: var(--at); right: auto; }
  .inline { height: 100%; }
  .inline .panel { border-radius: 8px; box-shadow: none; height: 100%; position: static; width: 100%; }
  .panel.dark { background: #191816; color: #ece7de; }
  header { align-items: center; background: var(--red); color: #fff; display: flex; flex: none; gap: 8px; min-height: 48px; padding: 6px 8px 6px 16px; }
  header img { height: 24px; width: auto; }
  header b { flex: 1; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  header button { background: none; border-radius: 6px; color: inherit; height: 36px; width: 36px; }
  iframe { border: 0; flex: 1; min-height: 0; width: 100%; }
  .trouble { margin: 0; padding: 16px; }
  .trouble a { color: inherit; }
  @media ${PHONE} {
  div:not(.inline) > .panel { border-radius: 0; height: 100dvh; inset: 0; width: 100vw; }
  }`);

  const dress = (node, attributes) => {
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };
  const make = (name, attributes = {}, ...inside) => {
    const made = dress(document.createElement(name), attributes);
    made.append(...inside);
    return made;
  };
  const icon = () => {
    const [svg, path] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
    dress(svg, { viewBox: "0 0 24 24", "aria-hidden": "true" });
    dress(path, { d: "M4 4h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zm3 5v2h10V9zm0 4v2h6v-2z", fill: "currentColor" });
    svg.append(path);
    return svg;
  };
  const all = () => [...document.querySelectorAll("youju-widget:not([inline])")];
  // In the top layer no transform around it moves it.
  const raise = (node, up) => {
    node.hidden = !up;
    if (!node.popover || node.matches(":popover-open") === up) return;
    if (up) node.showPopover();
    else node.hidePopover();
  };

  class YoujuWidget extends HTMLElement {
    static observedAttributes = NAMES;
    #shadow = this.attachShadow({ mode: "open" });
    #parts = null;
    #frame = null;
    #ready = false;
    #asked = []; // until the frame hears
    #signal = null;
    #drawn = "";
    #overflow = null;

    get #say() {
      return WORDS[this.#lang];
    }
    get #lang() {
      const told = this.#get("lang") || document.documentElement.lang || navigator.language;
      return told.toLowerCase().startsWith("zh") ? "zh" : "en"; // else English
    }
    get #base() {
      return new URL(this.#get("server") || home || location.href);
    }
    #get = (name) => this.getAttribute(name);
    #has = (name) => this.hasAttribute(name);
    get isOpen() {
      return Boolean(this.#parts) && !this.#parts.panel.hidden;
    }

    connectedCallback() {
      this.#shadow.adoptedStyleSheets = [sheet];
      this.#signal = new AbortController();
      const { signal } = this.#signal;
      addEventListener("message", (event) => this.#hear(event), { signal });
      document.addEventListener("securitypolicyviolation", (event) => this.#blocked(event), { signal });
      document.addEventListener("click", (event) => this.#launch(event), { signal });
      this.#draw();
      if (this.#has("inline") || this.#has("open")) this.open();
    }
    disconnectedCallback() {
      this.#signal?.abort();
      this.#scroll(true);
      this.#forget();
      this.#parts = null;
      this.#shadow.replaceChildren();
    }
    attributeChangedCallback(name, before, after) {
      if (!this.#parts || before === after) return;
      if (CONTEXT.includes(name)) this.#context();
      else if (name === "open") after === null ? this.close() : this.open();
      else queueMicrotask(() => this.#parts && this.#draw(true));
    }

    get open() {
      return this.#open;
    }
    set open(on) {
      this.toggleAttribute("open", on != null && on !== false); // as Vue and React do
    }
    #open = () => {
      if (!this.#parts || this.isOpen) return;
      if (!this.#frame) this.#load();
      raise(this.#parts.panel, true);
      this.#parts.bubble.setAttribute("aria-expanded", "true");
      if (this.#has("inline")) return;
      this.#scroll(false);
      this.#parts.close.focus();
      if (this.#ready && !matchMedia(PHONE).matches) this.#enter();
      this.#fire("open");
    };
    close() {
      if (!this.isOpen || this.#has("inline")) return;
      raise(this.#parts.panel, false);
      this.#scroll(true);
      this.#parts.bubble.setAttribute("aria-expanded", "false");
      this.#parts.bubble.focus();
      this.#fire("close");
    }
    ask(text) {
      this.open();
      if (this.#ready) this.#post({ youju: "ask", question: text });
      else this.#asked.push(text);
    }
    destroy() {
      this.remove();
    }

    #draw(anew = false) {
      const say = this.#say, title = this.#get("heading") || say.title, inline = this.#has("inline");
      const was = this.isOpen;
      const wanted = JSON.stringify(LOADS.map(this.#get));
      if (anew && wanted !== this.#drawn) this.#forget();
      this.#drawn = wanted;
      const kept = anew ? this.#parts : null;
      const bubble = kept?.bubble ?? make("button", { class: "bubble", type: "button" }, icon());
      const close = kept?.close ?? make("button", { type: "button" }, "✕");
      const head = kept?.head ?? make("header");
      const before = make("span", { tabindex: "0" }), after = kept?.after ?? make("span", { tabindex: "0" });
      const trouble = kept?.trouble ?? make("p", { class: "trouble", role: "alert", hidden: "" });
      const panel = kept?.panel ?? make("div", { hidden: "" }, before, head, trouble, after);
      const root = kept?.root ?? make("div", {}, bubble, panel);
      for (const [node, label] of [[bubble, this.#get("heading") || say.open], [close, say.close]]) dress(node, { title: label, "aria-label": label });
      bubble.setAttribute("aria-expanded", String(was));
      panel.className = `panel ${this.#get("theme") === "dark" ? "dark" : ""}`;
      dress(panel, { role: inline ? "region" : "dialog", "aria-modal": !inline, "aria-label": title });
      panel.popover = inline ? null : "manual";
      root.className = inline ? "inline" : this.#get("side") === "left" ? "left" : "";
      const logo = this.#get("logo");
      head.replaceChildren(...(logo ? [make("img", { src: logo, alt: "" })] : []), make("b", {}, title), ...(inline ? [] : [close]));
      this.#look();
      if (!kept) {
        this.#parts = { bubble, close, head, after, trouble, panel, root };
        bubble.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
        close.addEventListener("click", () => this.close());
        // The keyboard goes round inside: close button, frame.
        before.addEventListener("focus", () => !this.#has("inline") && this.#frame?.focus());
        after.addEventListener("focus", () => !this.#has("inline") && close.focus());
        root.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
        this.#shadow.replaceChildren(root);
      }
      bubble.popover = "manual";
      raise(bubble, !inline && !this.#get("launcher"));
      if (inline || was) {
        if (!this.#frame) this.#load();
        raise(panel, true);
      }
    }
    #look() {
      const side = this.#get("side") === "left" ? "left" : "right";
      const mine = all().slice(0, all().indexOf(this)).filter((other) => other.dataset.side === side);
      if (this.dataset.side !== side) this.dataset.side = side;
      const [across, up] = (this.#get("offset") || "20 20").split(/[ ,]+/).map((one) => Math.max(0, parseInt(one, 10) || 0));
      this.style.setProperty("--at", `${across + 68 * mine.length}px`);
      this.style.setProperty("--up", `${up ?? across}px`);
      const color = this.#get("color");
      if (color && CSS.supports("color", color)) this.style.setProperty("--red", color);
      else this.style.removeProperty("--red");
    }
    #load() {
      const address = new URL("embed", this.#base), told = address.searchParams;
      for (const name of ["publisher", "since", ...FRAME]) if (this.#get(name)) told.set(name, this.#get(name));
      if (this.#get("keep") === "") told.set("keep", 1);
      told.set("lang", this.#lang);
      told.set("heading", "0");
      // Behind the # no log sees it.
      address.hash = new URLSearchParams(["key", ...SIGNED].map((name) => [name, this.#get(name) || this.dataset[name]]).filter(([, value]) => value));
      this.#frame = make("iframe", { title: this.#get("heading") || this.#say.title, src: address, allow: "clipboard-write", referrerpolicy: "origin" });
      const frame = this.#frame;
      frame.addEventListener("load", () => {
        if (frame.contentWindow) this.#post({ youju: "hello" });
        setTimeout(() => this.#frame === frame && (this.#ready || this.#fail()), LATE);
      }, { once: true });
      this.#parts.after.before(frame);
    }
    #forget() {
      this.#frame?.remove();
      this.#frame = null;
      this.#ready = false;
    }
    #fail(policy = "") {
      const doctor = new URL("embed/doctor", this.#base), { trouble } = this.#parts;
      doctor.searchParams.set("origin", location.origin);
      if (policy) doctor.searchParams.set("headers", policy);
      trouble.replaceChildren(this.#say.trouble, make("a", { href: doctor, target: "_blank", rel: "noopener" }, this.#say.why));
      trouble.hidden = false;
      this.#fire("error", { reason: "blocked" });
    }
    #hear({ source, origin, data }) {
      if (!this.#frame || source !== this.#frame.contentWindow || origin !== this.#base.origin) return;
      if (data?.youju === "close") this.close();
      if (data?.youju === "answer") this.#fire("answer", data);
      if (data?.youju === "answer" && data.error) this.#fire("error", { ...data, reason: "answer" });
      if (data?.youju === "refused") this.#fire("error", { ...data, reason: "queue" });
      if (data?.youju !== "ready" || this.#ready) return;
      this.#ready = true;
      this.#parts.trouble.hidden = true;
      if (this.isOpen && !this.#has("inline") && !matchMedia(PHONE).matches) this.#enter(); // on a phone the keyboard would cover it
      for (const text of this.#asked.splice(0)) this.#post({ youju: "ask", question: text });
      this.#fire("ready");
    }
    #blocked({ effectiveDirective, blockedURI, originalPolicy }) {
      if (this.#frame && /^(frame|child|default)-src/.test(effectiveDirective) && blockedURI.startsWith(this.#base.origin)) this.#fail(originalPolicy);
    }
    #launch(event) {
      const own = this.#get("launcher"), from = event.target.closest?.(`[data-youju-open]${own && own !== "none" ? `, ${own}` : ""}`);
      if (!from || all()[0] !== this) return;
      const question = from.getAttribute("data-youju-open");
      if (question) this.ask(question);
      else this.open();
    }
    #context() {
      if (this.#ready) this.#post({ youju: "context", ...Object.fromEntries(CONTEXT.map((name) => [name, this.#get(name) || ""])) });
      else if (this.#frame) (this.#forget(), this.#load());
    }
    #enter() {
      this.#frame.focus();
      this.#post({ youju: "open" });
    }
    #post(message) {
      this.#frame.contentWindow.postMessage(message, this.#base.origin);
    }
    #fire(name, detail) {
      this.dispatchEvent(new CustomEvent(`youju-${name}`, { bubbles: true, detail }));
    }
    // On a phone the page behind stands still.
    #scroll(free) {
      const { style } = document.documentElement, was = this.#overflow;
      if (!free && was === null && matchMedia(PHONE).matches) [this.#overflow, style.overflow] = [style.overflow, "hidden"];
      if (free && was !== null) [style.overflow, this.#overflow] = [was, null];
    }
  }
  if (!customElements.get("youju-widget")) customElements.define("youju-widget", YoujuWidget);

  const place = () => {
    if (!tag || tag.dataset.manual !== undefined || (tag.type === "module" && document.querySelector("youju-widget"))) return;
    const widget = make("youju-widget");
    const { title, ...told } = tag.dataset;
    if (title) told.heading = title;
    for (const [name, value] of Object.entries(told)) if (NAMES.includes(name)) widget.setAttribute(name, value);
    if (!told.server) widget.setAttribute("server", home);
    document.body.append(widget);
  };
  if (document.body) place();
  else document.addEventListener("DOMContentLoaded", place);
})();
