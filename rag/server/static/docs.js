// Send what stands in the box and show what comes back, streams as they come.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { method, address } = form.dataset;
    const shown = form.querySelector("pre");
    const body = form.querySelector("textarea")?.value;
    shown.hidden = false;
    shown.textContent = "…";
    try {
      const reply = await fetch(address, { method, body, headers: body ? { "content-type": "application/json" } : {} });
      const head = `${reply.status} · X-Request-Id ${reply.headers.get("x-request-id")}\n`;
      let text = "";
      const decoder = new TextDecoder();
      for (const reader = reply.body.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        text += decoder.decode(value, { stream: true });
        shown.textContent = head + text;
      }
      if ((reply.headers.get("content-type") || "").startsWith("application/json")) {
        shown.textContent = head + JSON.stringify(JSON.parse(text), null, 2);
      }
    } catch (error) {
      shown.textContent = String(error);
    }
  });
}
