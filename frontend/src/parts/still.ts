// Nothing moves under a finger: a change to a list waits while the list has the focus or a pointer over it.

const PRESSED = "a, button, input, select, textarea, summary";

/** Words alone, such as those of an empty list, may change under a pointer: nothing in them can be pressed by mistake. */
function canBePressed(element: HTMLElement): boolean {
  return element.querySelector(PRESSED) !== null;
}

export function isHeld(element: HTMLElement): boolean {
  return element.contains(document.activeElement) || (element.matches(":hover") && canBePressed(element));
}

export class Still {
  private waiting: (() => void) | null = null;
  private pointer = false;

  constructor(private readonly element: HTMLElement) {
    element.addEventListener("pointerenter", () => {
      this.pointer = true;
    });
    element.addEventListener("pointerleave", () => {
      this.pointer = false;
      this.flush();
    });
    element.addEventListener("focusout", () => setTimeout(() => this.flush()));
  }

  get isHeld(): boolean {
    // The pointer may have been there before anybody listened for it.
    return (this.pointer && canBePressed(this.element)) || isHeld(this.element);
  }

  /** Make the change now, or when the list is let go; a later change replaces one that waits. */
  change(make: () => void): void {
    if (this.isHeld) this.waiting = make;
    else make();
  }

  private flush(): void {
    if (this.isHeld || !this.waiting) return;
    const make = this.waiting;
    this.waiting = null;
    make();
  }
}
