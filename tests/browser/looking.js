/*
 * What can be measured of a page in whatever state it is, beside axe's rules: in goes the page, out come sentences about what is wrong.
 * It changes nothing for good: what it scrolls or says in another language is as it was afterwards.
 */
window.looking = (() => {
  const INTERACTIVE =
    'a[href], button, input:not([type="hidden"]), select, textarea, summary, [role="option"], [tabindex="0"]';
  const LEAST_PX = 23.5;
  const UNTIL_ESC = "[role=listbox], .menu-choices";
  // What is made to scroll sideways: tables, the row of open chats, and that of an organisation’s pages.
  const SIDEWAYS = ".scroll, .tabs, .site-nav.sub, pre, textarea, input";

  const named = one => `${one.tagName.toLowerCase()}.${one.className} “${one.textContent.trim().slice(0, 40)}”`;
  const shown = one =>
    one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: false }) && !one.closest(".quiet, [inert]");

  /** Everything to use in front: what a dialog covers is out of reach on purpose, and a skip link until it has the focus. */
  function controls() {
    const front = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
    return [...front.querySelectorAll(INTERACTIVE)].filter(
      one => shown(one) && one.getAttribute("aria-hidden") !== "true" && !one.disabled && !one.matches(".skip"),
    );
  }

  const SAYS = "input, select, textarea";
  const judged = new WeakMap();

  /** The texts in sight that were never drawn in these colours before, and in this size and weight. */
  function unjudged() {
    const grounds = new Map([[null, ""]]);
    const ground = one => {
      if (!grounds.has(one)) {
        const { backgroundColor, backgroundImage, opacity } = getComputedStyle(one);
        grounds.set(one, [ground(one.parentElement), backgroundColor, backgroundImage, opacity].join(" "));
      }
      return grounds.get(one);
    };
    return [...document.querySelectorAll("body, body *")].filter(one => {
      const says = one.matches(SAYS) || [...one.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim());
      if (!says || !shown(one)) return false;
      const { color, textShadow, fontSize, fontWeight } = getComputedStyle(one);
      const drawn = [ground(one), color, textShadow, fontSize, fontWeight].join(" ");
      const before = judged.get(one) ?? new Set();
      judged.set(one, before);
      return !before.has(drawn) && before.add(drawn);
    });
  }

  async function violations(where, rules) {
    const { violations } = await axe.run(where, rules);
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html} ${failureSummary}`),
    );
  }

  /** What axe finds by these rules. */
  function all(rules) {
    unjudged();
    return violations(document, rules);
  }

  /** What axe finds by these rules, which are about colours, where they have not been judged yet. */
  async function more(rules) {
    const include = unjudged();
    return include.length > 0 ? violations({ include }, rules) : [];
  }

  /** What makes the page, or a part of it that is not made for it, scroll sideways; and what is cut off. */
  function wide() {
    const width = document.documentElement.clientWidth;
    const found = [];
    if (document.scrollingElement.scrollWidth > width) {
      const out = [...document.querySelectorAll("body *")].filter(one => {
        const { left, right } = one.getBoundingClientRect();
        return right > width + 1 || left < -1;
      });
      found.push(...out.slice(0, 5).map(one => `${named(one)} is too wide`));
      if (out.length === 0) found.push("the page scrolls sideways");
    }
    for (const one of document.querySelectorAll("body *")) {
      if (one.clientWidth <= 1 || one.matches(SIDEWAYS) || !shown(one)) continue;
      const style = getComputedStyle(one);
      const [x, y] = [one.scrollWidth - one.clientWidth > 1, one.scrollHeight - one.clientHeight > 1];
      if (x && /auto|scroll/.test(style.overflowX)) found.push(`${named(one)} scrolls sideways`);
      if (style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none") continue;
      if ((x && /hidden|clip/.test(style.overflowX)) || (y && /hidden|clip/.test(style.overflowY)))
        found.push(`${named(one)} is cut off`);
    }
    return found;
  }

  /** What scrolls, and has nothing in it to come to by keys. */
  function stuck() {
    return [...document.querySelectorAll("body *")].filter(one => {
      if (one.scrollHeight - one.clientHeight <= 1 || one.tabIndex >= 0 || one.querySelector(INTERACTIVE)) return false;
      return /auto|scroll/.test(getComputedStyle(one).overflowY) && shown(one);
    }).map(one => `${named(one)} scrolls, but not by keys`);
  }

  /** What is hard to hit: below 24 by 24, unless it stands within a sentence. */
  function small() {
    return controls().filter(one => {
      if (getComputedStyle(one).display === "inline" && one.matches("a")) return false;
      const target = one.matches("[type=checkbox], [type=radio]") ? [one, ...one.labels] : [one];
      return !target.some(each => {
        const { width, height } = each.getBoundingClientRect();
        return width >= LEAST_PX && height >= LEAST_PX;
      });
    }).map(one => `${named(one)} is too small a target`);
  }

  /** What cannot be brought into sight, or is covered there. */
  function covered() {
    const places = [...document.querySelectorAll("*")].filter(one => one.scrollHeight > one.clientHeight);
    const before = places.map(one => [one, one.scrollTop]);
    const found = controls().filter(one => {
      one.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
      const { left, right, top, bottom } = one.getBoundingClientRect();
      const within = (low, high, size) => Math.min(Math.max((Math.max(low, 0) + Math.min(high, size)) / 2, 0), size - 1);
      const hit = document.elementFromPoint(within(left, right, innerWidth), within(top, bottom, innerHeight));
      const label = one.labels?.[0];
      // What is to be chosen from covers what is behind it until Esc.
      const same = hit && (one.contains(hit) || hit.contains(one) || label?.contains(hit) || hit.closest(UNTIL_ESC));
      return !same || right <= 0 || left >= innerWidth || bottom <= 0 || top >= innerHeight;
    }).map(one => `${named(one)} is out of reach`);
    for (const [one, top] of before) one.scrollTop = top;
    return found;
  }

  const stops = new Set();

  /** Where the focus stands: notes it as a stop, and says what is wrong with it; null: it has been there before. */
  function stop() {
    const one = document.activeElement;
    if (one === document.body) return [];
    if (stops.has(one)) return null;
    stops.add(one);
    const found = [];
    const rings = [one, one.nextElementSibling].filter(Boolean).map(each => getComputedStyle(each));
    if (!rings.some(({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2))
      found.push(`${named(one)} does not show the focus`);
    const { left, right, top, bottom } = one.getBoundingClientRect();
    if (right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight) found.push(`${named(one)} has the focus out of sight`);
    return found;
  }

  /** What the keyboard never came to. Of radio buttons it comes to one, to choices by arrows. */
  function passed_over() {
    return controls().filter(one => !stops.has(one) && !one.matches('[type="radio"], [role="option"], [tabindex="-1"]'))
      .map(one => `the keyboard never comes to ${named(one)}`);
  }

  /** What moves although less motion was asked for. */
  function moving() {
    return document.getAnimations()
      .filter(({ playState }) => playState === "running")
      .map(({ effect }) => `${named(effect.target)} moves`);
  }

  /** With forced colours: what is chosen must differ from what is not by more than its ground. */
  function alike() {
    const CHOSEN = '[aria-current]:not([aria-current="false"]), [aria-selected="true"], [aria-pressed="true"]';
    const look = one => {
      const style = getComputedStyle(one);
      return ["color", "borderTopColor", "borderTopStyle", "outlineStyle", "outlineColor", "fontWeight", "textDecorationLine",
        "forcedColorAdjust"].map(name => style[name]).join();
    };
    return [...document.querySelectorAll(CHOSEN)].filter(shown).filter(one => {
      const place = one.closest("li") ?? one;
      const others = [...(place.parentElement?.children ?? [])]
        .map(each => (place === one ? each : each.querySelector(one.tagName)))
        .filter(each => each && each !== one && each.tagName === one.tagName && !each.matches(CHOSEN));
      return others.length > 0 && others.every(each => look(each) === look(one) && look(each.parentElement) === look(one.parentElement));
    }).map(one => `${named(one)} looks like the others`);
  }

  const ATTRIBUTES = ["aria-label", "placeholder", "title"];
  let said = [];

  /** Says the app's own words in another language, where they stand; pairs: [ours, theirs] with {names} in both. */
  function translate(language, direction, pairs) {
    const exact = new Map(pairs.filter(([ours]) => !ours.includes("{")));
    const patterns = pairs.filter(([ours]) => ours.includes("{")).map(([ours, theirs]) => {
      const names = [...ours.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const source = ours.split(/\{\w+\}/).map(part => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("(.+?)");
      return { pattern: new RegExp(`^${source}$`), names, theirs };
    });
    const of = text => {
      if (exact.has(text)) return exact.get(text);
      for (const { pattern, names, theirs } of patterns) {
        const match = pattern.exec(text);
        if (match) return theirs.replace(/\{(\w+)\}/g, (_, name) => match[names.indexOf(name) + 1] ?? "");
      }
      return undefined;
    };
    const { documentElement: root } = document;
    said = [
      { node: root, name: "lang", before: root.lang, after: language },
      { node: root, name: "dir", before: root.dir, after: direction },
    ];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const after = node.data.trim() && of(node.data);
      if (after) said.push({ node, before: node.data, after });
    }
    for (const name of ATTRIBUTES)
      for (const node of document.querySelectorAll(`[${name}]`)) {
        const before = node.getAttribute(name);
        const after = of(before);
        if (after) said.push({ node, name, before, after });
      }
    for (const { node, name, after } of said) name ? node.setAttribute(name, after) : (node.data = after);
    return said.length - 2;
  }

  /** As it was, but for what the app has changed meanwhile. */
  function translate_back() {
    for (const { node, name, before, after } of said) {
      if (name && node.getAttribute(name) === after) node.setAttribute(name, before);
      if (!name && node.data === after) node.data = before;
    }
    said = [];
  }

  return { all, more, wide, stuck, small, covered, moving, alike, stop, passed_over, translate, translate_back };
})();
