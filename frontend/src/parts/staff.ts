// What every staff page starts: keys, palette, the shared live connection of the tabs, the offline bar, sounds.
import { all, csrfToken, onEachContent, one } from "./dom.ts";
import { pageHandlers } from "./fragments.ts";
import { KeyMap } from "./keys.ts";
import { SharedLive } from "./live.ts";
import { OfflineBar } from "./offline-bar.ts";
import { openDialog } from "./overlays.ts";
import { type Command, fromServer, Palette } from "./palette.ts";
import { nextRegion, startRegions } from "./regions.ts";
import { Speaker } from "./sound.ts";

export interface StaffPage {
  keys: KeyMap;
  palette: Palette;
  live: SharedLive | null;
  speaker: Speaker;
}

/** Commands of the page: everything in the rail, in menus, and every button with a key. */
function commandsOfPage(): Command[] {
  const links = all<HTMLAnchorElement>(".rail a, .menu-list a, .bar-tabs a").map((link, at) => ({
    id: `link-${at}`,
    words: link.textContent?.trim() ?? "",
    icon: "next",
    href: link.href,
  }));
  const buttons = all<HTMLElement>("[data-key], [data-command], button[aria-keyshortcuts]").map(
    (button, at) => {
      const copy = button.cloneNode(true) as HTMLElement;
      for (const part of all("kbd, svg", copy)) part.remove();
      return {
        id: `button-${at}`,
        words:
          button.dataset["command"] || button.getAttribute("aria-label") || copy.textContent?.trim() || "",
        note: button.dataset["key"] ?? button.getAttribute("aria-keyshortcuts") ?? "",
        run: () => button.click(),
      };
    },
  );
  return [...buttons, ...links].filter((command) => command.words);
}

/** Keys that a field or a group of choices hears itself: they stand on `?` and are no commands. */
function keysOfFields(): { note: string; words: string }[] {
  return all<HTMLElement>("[data-listed-key]").map((field) => ({
    note: field.dataset["listedKey"] ?? "",
    words: field.dataset["listedWords"] ?? "",
  }));
}

function startKeys(keys: KeyMap, palette: Palette): void {
  const box = one<HTMLInputElement>("#seek");
  const words = document.documentElement.dataset;
  const listed = one<HTMLElement>("[data-key-list]")?.dataset ?? {};
  keys.add(
    {
      keys: "Control+K",
      words: box?.placeholder ?? words["wordsSearch"] ?? "",
      run: () => palette.open(),
      whileTyping: true,
    },
    { keys: "?", words: "", run: () => openDialog("keys") },
    { keys: "F6", words: listed["wordsRegion"] ?? "", run: () => nextRegion(1) },
    { keys: "Shift+F6", words: listed["wordsRegionBack"] ?? "", run: () => nextRegion(-1) },
  );
  onEachContent(() => {
    // The list on `?` shows what this page can do, with the words of its buttons.
    const here = [...commandsOfPage().filter((command) => command.note), ...keysOfFields()];
    const list = one<HTMLElement>("[data-key-list]");
    if (!list) return;
    keys.fillList(list);
    const shown = new Set<string>();
    for (const { note = "", words } of here) {
      if (shown.has(note)) continue;
      shown.add(note);
      const row = document.createElement("div");
      const term = document.createElement("dt");
      for (const part of note.split("+")) {
        const key = document.createElement("kbd");
        key.textContent = part === "Control" ? "Ctrl" : part;
        term.append(key);
      }
      const word = document.createElement("dd");
      word.textContent = words;
      row.append(term, word);
      list.append(row);
    }
  });
  const single = one<HTMLInputElement>("[data-single-keys]");
  if (single) {
    single.checked = keys.singleKeys;
    single.addEventListener("change", () => {
      keys.singleKeys = single.checked;
      const kept = new URLSearchParams({ single_keys: single.checked ? "on" : "off" });
      // Without a connection it holds for this page; the account keeps what it had.
      void fetch(single.dataset["singleKeys"] ?? "", {
        method: "POST",
        body: kept,
        headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" },
      }).catch(() => {});
    });
  }
  keys.start();
  startRegions();
}

/** Hear of the contacts and cases that the page shows now, and of no others: a page may listen to 64 at a time. */
function listen(live: SharedLive): void {
  const heard = new Set<string>();
  const asked = new WeakMap<XMLHttpRequest, number | null>();
  let since: number | null = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    asked.set((event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr, live.heard);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    since = asked.get((event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr) ?? null;
  });
  const look = () => {
    // The whole page and not what came anew: a part may be the root that carries the topics, or may have taken some away.
    const shown = new Set(
      all<HTMLElement>("[data-topic]")
        .flatMap((part) => (part.dataset["topic"] ?? "").split(/\s+/))
        .filter((topic) => /^(contact|case):/.test(topic)),
    );
    const fresh = [...shown].filter((topic) => !heard.has(topic));
    const gone = [...heard].filter((topic) => !shown.has(topic));
    if (fresh.length > 0) live.watch(fresh, since);
    if (gone.length > 0) live.unwatch(...gone);
    for (const topic of fresh) heard.add(topic);
    for (const topic of gone) heard.delete(topic);
  };
  onEachContent(look);
}

export function startStaff(): StaffPage {
  // On a telephone the rail is a bar that is moved sideways: where one is stands in its middle.
  one<HTMLElement>(".rail a[aria-current]")?.scrollIntoView?.({ block: "nearest", inline: "center" });
  const seek = one<HTMLFormElement>("form.seek");
  const url = seek?.dataset["palette"];
  const palette = new Palette(commandsOfPage, url ? [fromServer(url)] : []).start();
  // With a script the box opens the palette; without one it is a search form.
  if (url)
    one<HTMLInputElement>("#seek")?.addEventListener("focus", (event) => {
      (event.target as HTMLElement).blur();
      palette.open();
    });
  const keys = new KeyMap();
  startKeys(keys, palette);
  const speaker = new Speaker();
  document.addEventListener("pointerdown", () => speaker.wake(), { once: true });
  document.addEventListener("keydown", () => speaker.wake(), { once: true });

  const address = one<HTMLElement>("[data-live]")?.dataset["live"];
  const bar = new OfflineBar();
  const live = address
    ? new SharedLive({ url: address, ...pageHandlers((state) => bar.show(state)) }).start()
    : null;
  if (live) {
    listen(live);
    document.addEventListener("htmx:sendError", () => live.doubt());
  }
  return { keys, palette, live, speaker };
}
