/* Filters the tables of the vendor's page. Without it the page is whole, and only longer to look through. */
(() => {
  "use strict";
  // A table that scrolls sideways must be reachable by keyboard; those of the page's sections hold something that is.
  const reach = () => {
    for (const box of document.querySelectorAll(".room > .scroll, .sign > .scroll")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  addEventListener("resize", reach);
  reach();
  const form = document.getElementById("filter");
  if (!form) return;
  const find = document.getElementById("find");
  const shown = document.getElementById("shown");
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const OPENED = 40; // rows unfolded by a search; more of them would bury what was searched for
  const MARKED = 400;

  const rows = [...document.querySelectorAll("tbody.row")].map((element) => ({
    element,
    details: element.querySelector("details"),
    section: element.closest("section"),
    entries: [...element.querySelectorAll(".entry")].map((entry) => ({ element: entry, outcome: entry.dataset.o, text: "" })),
    text: "",
  }));
  let read = false;
  const readTexts = () => {
    if (read) return;
    read = true;
    for (const row of rows) {
      row.text = row.element.rows[0].textContent.toLowerCase();
      for (const entry of row.entries) entry.text = entry.element.textContent.toLowerCase();
    }
  };

  const mark = (words, where) => {
    if (!(window.CSS && CSS.highlights)) return;
    CSS.highlights.delete("found");
    const ranges = [];
    for (const element of where) {
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      while (walker.nextNode() && ranges.length < MARKED) {
        const text = walker.currentNode.data.toLowerCase();
        for (const word of words) {
          for (let at = text.indexOf(word); at >= 0 && ranges.length < MARKED; at = text.indexOf(word, at + word.length)) {
            if (at + word.length > walker.currentNode.length) break;
            const range = new Range();
            range.setStart(walker.currentNode, at);
            range.setEnd(walker.currentNode, at + word.length);
            ranges.push(range);
          }
        }
      }
    }
    if (ranges.length) CSS.highlights.set("found", new Highlight(...ranges));
  };

  const apply = () => {
    // An id as a report or a terminal writes it, P01:cml1>mfp1, is found by its parts.
    const words = find.value.toLowerCase().split(/[\s:,>]+/).filter(Boolean);
    const on = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const all = !words.length && on.size === boxes.length;
    if (words.length) readTexts();
    const left = [];
    for (const row of rows) {
      const missing = words.filter((word) => !row.text.includes(word));
      let any = all;
      for (const entry of row.entries) {
        const fits = on.has(entry.outcome) && missing.every((word) => entry.text.includes(word));
        entry.element.hidden = !fits;
        any = any || fits;
      }
      row.element.hidden = !any;
      if (any) left.push(row);
    }
    const open = words.length && left.length <= OPENED;
    for (const row of rows) {
      // What a reader has opened stays open; what the search has opened it closes again.
      const wanted = Boolean(open && !row.element.hidden);
      if (wanted && !row.details.open) row.details.open = row.searched = true;
      else if (!wanted && row.searched) row.details.open = row.searched = false;
    }
    for (const section of new Set(rows.map((row) => row.section))) {
      section.hidden = !left.some((row) => row.section === section);
    }
    shown.textContent = all ? "" : `${left.length} of ${rows.length} rows shown`;
    mark(words, open ? left.map((row) => row.element) : []);
  };

  const show = (words) => {
    for (const box of boxes) box.checked = true;
    find.value = words;
    apply();
  };

  let waiting = 0;
  find.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  form.addEventListener("change", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input[type=search], textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      find.focus();
    } else if (event.key === "Escape" && typing === find && find.value) {
      find.value = "";
      apply();
    }
  });
  document.addEventListener("click", (event) => {
    const asking = event.target.closest("[data-find]");
    if (!asking) return;
    show(asking.dataset.find);
  });
  // A link to a row opens it; one that the filter hides is shown again.
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.matches("tbody.row")) return;
    if (target.hidden || target.closest("section").hidden) {
      show("");
      target.scrollIntoView();
    }
    target.querySelector("details").open = true;
  };
  addEventListener("hashchange", () => setTimeout(follow));
  follow();
  // Firefox and Safari print folded parts folded; small reports are printed whole.
  addEventListener("beforeprint", () => {
    if (document.body.classList.contains("brief")) for (const fold of document.querySelectorAll("details")) fold.open = true;
  });
  form.hidden = false;
})();
