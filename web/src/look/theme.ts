/**
 * Light, dark, or as the system says: in go what the consultant chose on this device, out come the page's colours. It keeps the choice
 * in this browser, changes nothing but when the dark colours hold, and knows no colour.
 */

export type Theme = "system" | "light" | "dark";
export const THEMES: readonly Theme[] = ["system", "light", "dark"];

const NAME = "hotline.theme";
/** Each still names what it began as, so that it can be told and changed again. */
const MEDIA: Record<Theme, string> = {
  system: "(prefers-color-scheme: dark)",
  dark: "(prefers-color-scheme: dark), all",
  light: "(prefers-color-scheme: dark) and (max-width: 0px)",
};

export function kept_theme(): Theme {
  try {
    const kept = localStorage.getItem(NAME);
    return THEMES.find((one) => one === kept) ?? "system";
  } catch {
    return "system";
  }
}

export function keep_theme(theme: Theme): void {
  try {
    localStorage.setItem(NAME, theme);
  } catch {
    // Then until the page is loaded again.
  }
  show_theme(theme);
}

export function show_theme(theme: Theme): void {
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSMediaRule) || !rule.media.mediaText.includes("prefers-color-scheme: dark"))
        continue;
      rule.media.mediaText = MEDIA[theme];
    }
  }
  // Scroll bars and the fields' own parts.
  const meta = document.querySelector<HTMLMetaElement>('meta[name="color-scheme"]');
  if (meta) meta.content = theme === "system" ? "light dark" : theme;
}

/** Other tabs of this browser change with the one where it was chosen. */
export function follow_theme(changed: (theme: Theme) => void = () => {}): void {
  window.addEventListener("storage", ({ key }) => {
    if (key !== NAME) return;
    const theme = kept_theme();
    show_theme(theme);
    changed(theme);
  });
}
