// The keyboard map. Every action has a button; keys are shown on it. Alt means Control Option on a Mac.
// Single keys work only where a person is not writing, and can be turned off (WCAG 2.1.4).
import { all, isTyping, one } from "./dom.ts";

export interface KeyAction {
  /** "Alt+A", "Control+K", "Shift+F6", "?", "1". */
  keys: string;
  words: string;
  run: (event: KeyboardEvent) => void;
  /** Works while a person is writing; only for combinations. */
  whileTyping?: boolean;
  /** Only when the focus is inside an element that fits. */
  within?: string;
}

export interface Pressed {
  key: string;
  code: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}

/** The name of what was pressed, in the form of the map. Alt with a letter goes by the place of the key, because Option writes
 * other signs on a Mac and other alphabets other letters. */
export function nameOf(pressed: Pressed, mac: boolean): string {
  const alt = mac ? pressed.altKey && pressed.ctrlKey : pressed.altKey && !pressed.ctrlKey;
  const control = mac
    ? pressed.metaKey || (pressed.ctrlKey && !pressed.altKey)
    : pressed.ctrlKey && !pressed.altKey;
  const place = /^(?:Key([A-Z])|Digit(\d))$/.exec(pressed.code);
  const base = (alt || control) && place ? (place[1] ?? place[2] ?? "") : named(pressed.key);
  const parts: string[] = [];
  if (control) parts.push("Control");
  if (alt) parts.push("Alt");
  // Shift is part of a sign like "?", and a name of its own beside letters and function keys.
  if (pressed.shiftKey && (alt || control || base.length > 1)) parts.push("Shift");
  return [...parts, base].join("+");
}

function named(key: string): string {
  return key === " " ? "Space" : key.length === 1 && /[a-z]/.test(key) ? key.toUpperCase() : key;
}

export class KeyMap {
  private readonly actions: KeyAction[] = [];

  constructor(private readonly mac: boolean = /Mac|iPhone|iPad/.test(navigator.platform ?? "")) {}

  add(...actions: KeyAction[]): this {
    this.actions.push(...actions);
    return this;
  }

  get list(): readonly KeyAction[] {
    return this.actions;
  }

  /** A setting of the person's account, which the page carries: it is the same at every desk. */
  get singleKeys(): boolean {
    return document.documentElement.dataset["singleKeys"] !== "off";
  }

  set singleKeys(on: boolean) {
    document.documentElement.dataset["singleKeys"] = on ? "on" : "off";
  }

  /** Run what fits; true when something did. Actions added last come first, so that a dialog may take a key over. */
  press(event: KeyboardEvent): boolean {
    if (event.defaultPrevented || event.isComposing) return false;
    const name = nameOf(event, this.mac);
    const combined = /^(Control|Alt)\+|^(Shift\+)?F\d|^Escape$/.test(name);
    if (!combined && one("dialog[open]")) return false; // what lies under a dialog is not reached by single keys
    const typing = isTyping(event.target);
    for (const action of [...this.actions].reverse()) {
      if (action.keys !== name) continue;
      if (typing && !(combined && (action.whileTyping ?? true))) continue;
      if (!combined && !this.singleKeys) continue;
      if (action.within && !(event.target instanceof Element && event.target.closest(action.within)))
        continue;
      event.preventDefault();
      action.run(event);
      return true;
    }
    return !typing || combined ? this.pressButton(name, combined, event) : false;
  }

  /** A visible button that carries the key (`data-key`). */
  private pressButton(name: string, combined: boolean, event: KeyboardEvent): boolean {
    if (!combined && !this.singleKeys) return false;
    const button = all<HTMLElement>(`[data-key="${CSS.escape(name)}"]`).find(isShown);
    if (!button) return false;
    event.preventDefault();
    button.focus({ preventScroll: true });
    button.click();
    return true;
  }

  start(): this {
    document.addEventListener("keydown", (event) => this.press(event));
    return this;
  }

  /** Fill the list that `?` opens. */
  fillList(list: HTMLElement | null = one<HTMLElement>("[data-key-list]")): void {
    if (!list) return;
    list.replaceChildren(
      ...this.actions
        .filter((action) => action.words)
        .map(({ keys, words }) => {
          const row = document.createElement("div");
          const word = document.createElement("dd");
          word.textContent = words;
          const term = document.createElement("dt");
          for (const part of keys.split("+")) {
            const key = document.createElement("kbd");
            key.textContent = shownName(part, this.mac);
            term.append(key);
          }
          row.append(term, word);
          return row;
        }),
    );
  }
}

function shownName(part: string, mac: boolean): string {
  if (part === "Control") return mac ? "⌘" : "Ctrl";
  if (part === "Alt") return mac ? "⌃⌥" : "Alt";
  return part;
}

function isShown(element: HTMLElement): boolean {
  return element.closest("[hidden], dialog:not([open])") === null && !element.hasAttribute("disabled");
}
