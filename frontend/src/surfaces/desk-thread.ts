// The open conversation: what comes from the server is laid over what is shown, line by line, so that only new lines are
// read out, the place of the reader is kept, and what was typed but not yet stored stays in sight.

/** Make `shown` hold the same lines as `fresh`, touching only those that differ. Lines kept here (`data-pending`) stay last. */
export function layOver(shown: HTMLElement, fresh: HTMLElement): void {
  let at = shown.firstElementChild;
  const wanted = new Set([...fresh.children].map((line) => line.id));
  for (const line of [...shown.children]) {
    if (!wanted.has(line.id) && !(line as HTMLElement).dataset["pending"]) line.remove();
  }
  at = shown.firstElementChild;
  for (const line of [...fresh.children]) {
    while (at && (at as HTMLElement).dataset["pending"]) at = at.nextElementSibling;
    const known = line.id ? shown.querySelector(`#${CSS.escape(line.id)}`) : null;
    if (!known) {
      shown.insertBefore(line, at);
      continue;
    }
    const next = known.nextElementSibling;
    if (known.outerHTML !== line.outerHTML) known.replaceWith(line);
    at = next;
  }
  for (const [name, value] of Object.entries(fresh.dataset)) shown.dataset[name] = value;
  // Pending lines stand after everything that is stored.
  for (const line of [...shown.querySelectorAll<HTMLElement>("[data-pending]")]) shown.append(line);
}

/** A line for words that are on their way. */
export function pendingLine(
  key: string,
  text: string,
  note: boolean,
  state: string,
  who: string,
): HTMLElement {
  const line = document.createElement("li");
  line.dataset["pending"] = key;
  line.className = note ? "note" : "msg msg-me is-pending";
  if (note) {
    const words = document.createElement("p");
    words.dir = "auto";
    const name = document.createElement("strong");
    name.textContent = who;
    words.append(name, ` ${text}`);
    const when = document.createElement("span");
    when.className = "meta";
    when.textContent = state;
    line.append(words, when);
    return line;
  }
  const body = document.createElement("div");
  body.className = "msg-body";
  const above = document.createElement("p");
  above.className = "who";
  above.textContent = state;
  const bubble = document.createElement("div");
  bubble.className = "bubble";
  bubble.dir = "auto";
  const said = document.createElement("div");
  said.className = "said";
  said.textContent = text;
  bubble.append(said);
  body.append(above, bubble);
  line.append(body);
  return line;
}

export function toEnd(thread: HTMLElement | null): void {
  // The thread is a reversed column: nought is its end.
  if (thread) thread.scrollTop = 0;
}
