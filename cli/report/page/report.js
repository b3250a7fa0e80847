"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const severities = ["error", "warning", "info"];
  const nouns = ["error", "warning", "note"];
  const piece = 200; // findings that are put into the page at once
  const codeAtFirst = data.findings.length <= 50; // few are shown with all there is about them
  const at = id => document.getElementById(id);
  const count = (number, noun) => number + " " + noun + (number === 1 ? "" : "s");

  const findings = data.findings.map(([severity, rule, file, line, column, text, hint, frame], order) =>
    ({severity, rule, file, line, column, text, hint, frame, order}));
  const ruleOf = f => data.rules[f.rule];
  const fileOf = f => data.files[f.file];
  const textOf = f => data.texts[f.text];
  const placeOf = f => fileOf(f) + (f.line ? ":" + f.line + (f.column ? ":" + f.column : "") : "");

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function frameOf([first, marked, caret, width, lines], severity) {
    const pre = element("pre");
    pre.tabIndex = 0;
    const digits = String(first + lines.length - 1).length;
    lines.forEach((line, i) => {
      pre.append(element("span", "number", String(first + i).padStart(digits) + " | "));
      if (i === marked && width > 0) {
        // Columns of the frame, as the host counted them: one for each character but the wide ones,
        // where the caret line below is exact and the mark is not drawn.
        const plain = /^[\x20-\x7e]*$/.test(line);
        if (plain) {
          pre.append(line.slice(0, caret), element("mark", "", line.slice(caret, caret + width)), line.slice(caret + width), "\n");
        } else {
          pre.append(line, "\n");
        }
        pre.append(element("span", "number", " ".repeat(digits) + " | "),
          element("span", severity, " ".repeat(caret) + "^".repeat(width)), "\n");
      } else {
        pre.append(line, "\n");
      }
    });
    return pre;
  }

  function bodyOf(f) {
    const body = element("div", "body");
    if (f.hint >= 0) body.append(element("p", "message", data.texts[f.hint]));
    if (f.frame >= 0) body.append(frameOf(data.frames[f.frame], severities[f.severity]));
    if (f.hint < 0 && f.frame < 0) body.append(element("p", "where", "There is no more to tell."));
    return body;
  }

  function rowOf(f) {
    const row = element("details");
    const head = element("summary");
    const where = element("span", "where");
    where.append(element("span", "", placeOf(f)), element("span", "", ruleOf(f)));
    head.append(element("span", "severity " + severities[f.severity], nouns[f.severity]), element("span", "message", textOf(f)), where);
    row.append(head);
    const fill = () => { if (row.open && row.children.length === 1) row.append(bodyOf(f)); };
    row.addEventListener("toggle", fill);
    row.open = at("code").checked;
    fill();
    return row;
  }

  // What the filters let through, in order, and how far of it is in the page.
  let chosen = [], drawn = 0, lastGroup = null, groupSizes = new Map();

  const groupKey = {page: fileOf, rule: ruleOf, none: () => ""};
  const compare = (a, b) => a < b ? -1 : a > b ? 1 : 0;
  const byPlace = (a, b) => a.order - b.order;
  const orders = {
    place: byPlace,
    severity: (a, b) => a.severity - b.severity || byPlace(a, b),
    rule: (a, b) => compare(ruleOf(a), ruleOf(b)) || byPlace(a, b),
    count: byPlace,
  };

  function arrange(key) {
    const order = orders[at("sort").value];
    chosen.sort(order);
    groupSizes = new Map();
    const first = new Map();
    for (const f of chosen) {
      const group = key(f);
      if (!first.has(group)) first.set(group, first.size);
      groupSizes.set(group, (groupSizes.get(group) || 0) + 1);
    }
    const bySize = at("sort").value === "count";
    chosen.sort((a, b) => {
      const g = key(a), h = key(b);
      return g === h ? order(a, b) : (bySize ? groupSizes.get(h) - groupSizes.get(g) : 0) || first.get(g) - first.get(h);
    });
  }

  function drawMore() {
    const key = groupKey[at("group").value];
    const part = document.createDocumentFragment();
    const end = Math.min(drawn + piece, chosen.length);
    for (; drawn < end; drawn++) {
      const f = chosen[drawn], group = key(f);
      if (group !== lastGroup && at("group").value !== "none") {
        const heading = element("h2", "", group);
        heading.append(element("small", "", count(groupSizes.get(group), "finding")));
        part.append(heading);
      }
      lastGroup = group;
      part.append(rowOf(f));
    }
    at("findings").append(part);
    at("more").hidden = drawn >= chosen.length;
  }

  function remember() {
    const state = new URLSearchParams();
    const hidden = severities.filter(s => !at("show-" + s).checked);
    if (hidden.length) state.set("hide", hidden.join(","));
    for (const id of ["text", "rule"]) if (at(id).value) state.set(id, at(id).value);
    for (const id of ["group", "sort"]) if (at(id).selectedIndex > 0) state.set(id, at(id).value);
    if (at("code").checked !== codeAtFirst) state.set("code", at("code").checked ? "yes" : "no");
    try {
      history.replaceState(null, "", state.toString() ? "#" + state : location.pathname + location.search);
    } catch (error) { /* a page without an address, such as one inside another */ }
  }

  function recall() {
    const state = new URLSearchParams(location.hash.slice(1));
    const hidden = (state.get("hide") || "").split(",");
    for (const s of severities) at("show-" + s).checked = !hidden.includes(s);
    at("text").value = state.get("text") || "";
    at("code").checked = state.has("code") ? state.get("code") === "yes" : codeAtFirst;
    for (const id of ["rule", "group", "sort"]) {
      const options = Array.from(at(id).options, option => option.value);
      at(id).selectedIndex = Math.max(0, options.indexOf(state.get(id) || ""));
    }
  }

  function show() {
    const wanted = severities.map(s => at("show-" + s).checked);
    const rule = at("rule").value;
    const words = at("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    chosen = findings.filter(f => wanted[f.severity] && (!rule || ruleOf(f) === rule) && (!words.length || (() => {
      const all = (placeOf(f) + " " + ruleOf(f) + " " + textOf(f)).toLowerCase();
      return words.every(word => all.includes(word));
    })()));
    arrange(groupKey[at("group").value]);
    drawn = 0;
    lastGroup = null;
    at("findings").replaceChildren();
    if (!chosen.length) {
      at("findings").append(element("p", "nothing", findings.length ? "No finding fits the filters." : "Nothing was found."));
    }
    drawMore();
    at("shown").textContent = chosen.length === findings.length ? count(findings.length, "finding")
      : chosen.length + " of " + count(findings.length, "finding");
  }

  function step(by) {
    let all = Array.from(document.querySelectorAll("main summary"));
    let next = all.indexOf(document.activeElement) + by;
    if (next >= all.length && drawn < chosen.length) {
      drawMore();
      all = Array.from(document.querySelectorAll("main summary"));
    }
    if (all[Math.max(next, 0)]) all[Math.max(next, 0)].focus();
  }

  function onKey(event) {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      history.replaceState(null, "", "#");
      recall();
      show();
      at("findings").focus();
    } else if (typing) {
      return;
    } else if (event.key === "/") {
      at("text").focus();
    } else if (event.key === "j" || event.key === "k") {
      step(event.key === "j" ? 1 : -1);
    } else {
      return;
    }
    event.preventDefault();
  }

  at("title").textContent = document.title;
  at("summary").textContent = [data.summary, data.url && "live at " + data.url].filter(Boolean).join(" · ");
  at("made").textContent = "Made by deployflow " + data.version + " on " + data.when + ".";
  if (data.failure) {
    at("failure").textContent = data.failure;
    at("failure").hidden = false;
  }
  severities.forEach((s, i) => { at("count-" + s).textContent = count(findings.filter(f => f.severity === i).length, nouns[i]); });
  const perRule = new Map();
  for (const f of findings) perRule.set(f.rule, (perRule.get(f.rule) || 0) + 1);
  for (const [rule, number] of Array.from(perRule).sort((a, b) => compare(data.rules[a[0]], data.rules[b[0]]))) {
    const option = element("option", "", data.rules[rule] + " (" + number + ")");
    option.value = data.rules[rule];
    at("rule").append(option);
  }
  at("controls").addEventListener("input", () => { remember(); show(); });
  at("controls").addEventListener("submit", event => event.preventDefault());
  at("more").querySelector("button").addEventListener("click", drawMore);
  addEventListener("hashchange", () => { recall(); show(); });
  addEventListener("keydown", onKey);
  recall();
  show();
  new IntersectionObserver(seen => { if (seen.some(one => one.isIntersecting)) drawMore(); }, {rootMargin: "400px"}).observe(at("more"));
})();
