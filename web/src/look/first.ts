/** Before anything is painted: in goes the theme of this device, out come the page's colours, so that none flashes up in the wrong one. */

import { kept_theme, show_theme } from "./theme.ts";

show_theme(kept_theme());
